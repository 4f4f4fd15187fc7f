import { urlAlphabet } from 'nanoid'

/** Characters of an id of ours: as unlikely to meet again as a UUID. */
const ID_CHARS = 21
/** Ids whose random bytes are drawn at once: asking the system for them costs more than the id. */
const POOLED_IDS = 128

/** Makes ids for records and signals, as `nanoid()` does, six bits a character. A source for each client, since what is drawn is kept. */
export function createIdSource(): () => string {
  let pool = new Uint8Array(0)
  let used = 0
  return () => {
    if (used === pool.length) {
      pool = crypto.getRandomValues(new Uint8Array(ID_CHARS * POOLED_IDS))
      used = 0
    }
    let id = ''
    for (const end = used + ID_CHARS; used < end; used++) id += urlAlphabet[pool[used]! & 63]
    return id
  }
}

/** A version 4 UUID. `crypto.randomUUID` is missing on plain-http origins. */
export function uuid(): string {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** `size` random bytes in hex: 16 for a trace, 8 for a span. */
export function randomHex(size: number): string {
  return hex(crypto.getRandomValues(new Uint8Array(size)))
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** 53 bits that tell two strings apart (cyrb53): names a queue, protects nothing, and does not give the string back. */
export function shortHash(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36)
}

/** A user that nobody has named yet: what a browser calls its visitor before `identify()`. */
export function anonymousId(): string {
  return `anon_${uuid()}`
}

/** Whether a user id is one that {@link anonymousId} makes. Nobody signs in under such a name. */
export function isAnonymousId(userId: string): boolean {
  return /^anon_[\w-]{8,64}$/.test(userId)
}

import { createHash, timingSafeEqual } from 'node:crypto'

/** Judges an `Authorization` header. */
export type WriteKeys = (authorization: string | undefined) => boolean

/**
 * Of `RAINDROP_WRITE_KEYS`, separated by commas or spaces. Undefined where it holds none: then any key is taken, as a demo wants it. Digests
 * are compared, all of them each time, so that the answer's time tells neither how much of a key was right nor which one.
 */
export function readWriteKeys(text = ''): WriteKeys | undefined {
  const keys = text.split(/[\s,]+/).filter((key) => key !== '')
  if (keys.length === 0) return undefined
  const known = keys.map(digest)
  return (authorization) => {
    const given = digest(/^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '')
    return known.map((key) => timingSafeEqual(key, given)).includes(true)
  }
}

const digest = (key: string) => createHash('sha256').update(key).digest()

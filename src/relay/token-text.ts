/** What a token says, beside its signature. */
export interface TokenClaims {
  readonly eventId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly subject: string | undefined
  readonly signals: readonly string[] | undefined
}

/** The format. There is no field that names an algorithm: nobody can ask for a weaker one. */
const VERSION = 'f1'
const SEPARATOR = '~'
/** What needs no escape: a UUID, an e-mail address, `user_123`, `thumbs_up`. Neither `~` nor `,` is in it, nor what HTML gives a meaning. */
const UNSAFE = /[^\w.:@+/=|-]/gu

/** Longer than any token that was minted: not worth a signature. */
const MAX_TOKEN_CHARS = 4_096
/** 32 bytes as base64url: 43 characters, of which the last carries four bits. Any other last one would be a second spelling. */
const SIGNATURE = /^[\w-]{42}[AEIMQUYcgkosw048]$/

function escaped(text: string): string {
  return text.replace(UNSAFE, (character) =>
    // encodeURIComponent leaves these as they are.
    "!'()*~".includes(character)
      ? `%${character.charCodeAt(0).toString(16).toUpperCase()}`
      : encodeURIComponent(character),
  )
}

function unescaped(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text)
    return escaped(plain) === text ? plain : undefined
  } catch {
    return undefined
  }
}

/** The signed part of a token. Throws a URIError for half of a surrogate pair. */
export function writeClaims({ eventId, expiresAt, subject, signals }: TokenClaims): string {
  const names = (signals ?? []).map(escaped).join(',')
  return [VERSION, expiresAt.toString(36), escaped(eventId), subject === undefined ? '' : escaped(subject), names].join(
    SEPARATOR,
  )
}

/** Undefined where it is not exactly what {@link writeClaims} wrote. */
export function readClaims(text: string): TokenClaims | undefined {
  const [version, expiry = '', eventId = '', subject = '', names = '', ...rest] = text.split(SEPARATOR)
  if (version !== VERSION || rest.length > 0) return undefined
  const expiresAt = Number.parseInt(expiry, 36)
  const signals = names === '' ? [] : names.split(',').map(unescaped)
  const claims = {
    eventId: unescaped(eventId) ?? '',
    expiresAt,
    subject: subject === '' ? undefined : unescaped(subject),
    signals: signals.length > 0 ? signals.filter((name) => name !== undefined) : undefined,
  }
  return claims.eventId !== '' && Number.isSafeInteger(expiresAt) && writeClaims(claims) === text ? claims : undefined
}

/** The signed part and the signature, if the text can be a token at all. */
export function splitToken(token: unknown): { claims: string; signature: string } | undefined {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_CHARS) return undefined
  const at = token.lastIndexOf(SEPARATOR)
  const signature = token.slice(at + 1)
  return at > 0 && SIGNATURE.test(signature) ? { claims: token.slice(0, at), signature } : undefined
}

export function joinToken(claims: string, signature: ArrayBuffer): string {
  return `${claims}${SEPARATOR}${toBase64Url(new Uint8Array(signature))}`
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

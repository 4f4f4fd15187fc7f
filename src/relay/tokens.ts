import { RaindropError } from '../core/errors.js'
import { fromBase64Url, joinToken, readClaims, splitToken, writeClaims } from './token-text.js'

/** What narrows a token beyond its one event. */
export interface MintOptions {
  /** The user who may use it. Without one, whoever holds the token may. */
  subject?: string
  /** Default: that of `createFeedbackTokens`. */
  expiresInSeconds?: number
  /** Names of the signals that it is good for. Default: all. Taking a signal back, or changing a vote, goes with it. */
  signals?: readonly string[]
}

/** What a token is good for, or why it is good for nothing. */
export type TokenVerdict =
  | { ok: true; eventId: string; expiresAt: Date; subject?: string; signals?: readonly string[] }
  | { ok: false; reason: 'malformed' | 'bad_signature' | 'expired' | 'wrong_subject' }

/** Mints and verifies feedback tokens. Made by {@link createFeedbackTokens}. */
export interface FeedbackTokens {
  /**
   * Signed, stateless, bound to one event id; safe to hand to the browser. At most 250 characters for ids of up to 64 and four signal names.
   * Throws `invalid_event` for an empty id, subject or signal name.
   */
  mint(eventId: string, options?: MintOptions): Promise<string>
  /** Never throws. A token that was minted with a subject is good for nobody else, and for no one while `subject` is missing. */
  verify(token: string, options?: { subject?: string | undefined }): Promise<TokenVerdict>
}

/** Options of {@link createFeedbackTokens}. */
export interface FeedbackTokensOptions {
  /** At least 32 characters of chance, e.g. from `openssl rand -base64 32`. Several: the first signs, all verify (rotation). */
  secret: string | readonly string[]
  /** Default 604_800: seven days, as long as a browser keeps what it could not send. */
  expiresInSeconds?: number
}

const MIN_SECRET_CHARS = 32
const EXPIRES_IN_SECONDS = 7 * 24 * 3_600
/** The last moment that a Date can hold. */
const MAX_TIME_MS = 8.64e15
const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' }

function readSecrets(secret: unknown): string[] {
  const secrets: unknown[] = Array.isArray(secret) ? secret : [secret]
  if (secrets.length === 0)
    throw new RaindropError('invalid_options', 'createFeedbackTokens: needs a secret. Pass secret: "…".')
  return secrets.map((text) => {
    if (typeof text === 'string' && text.length >= MIN_SECRET_CHARS) return text
    const message = `createFeedbackTokens: every secret must have at least ${MIN_SECRET_CHARS} characters. Make one: openssl rand -base64 32`
    throw new RaindropError('invalid_options', message)
  })
}

function readExpiry(seconds: unknown, fallback: number): number {
  if (seconds === undefined) return fallback
  if (typeof seconds === 'number' && !Number.isNaN(seconds)) return seconds
  throw new RaindropError(
    'invalid_options',
    'feedback tokens: expiresInSeconds must be a number, e.g. 86_400 for a day.',
  )
}

function requireName(what: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw new RaindropError('invalid_event', `mint: ${what} must be a text that is not empty. Leave it out, or pass one.`)
}

/**
 * Tokens with which a browser may give feedback on one event, and on no other. HMAC-SHA-256 over WebCrypto.
 * @throws RaindropError `invalid_options` for a secret under 32 characters
 * @example
 * const tokens = createFeedbackTokens({ secret: process.env.FEEDBACK_SECRET })
 * const token = await tokens.mint(interaction.id, { subject: user.id, signals: ['thumbs_up', 'thumbs_down'] })
 */
export function createFeedbackTokens(options: FeedbackTokensOptions): FeedbackTokens {
  const secrets = readSecrets(options.secret)
  const lifetime = readExpiry(options.expiresInSeconds, EXPIRES_IN_SECONDS)
  const encoder = new TextEncoder()
  let imported: Promise<CryptoKey[]> | undefined

  /** With the first use: making tokens does nothing yet. */
  function keys(): Promise<CryptoKey[]> {
    imported ??= Promise.all(
      secrets.map((secret) =>
        crypto.subtle.importKey('raw', encoder.encode(secret), ALGORITHM, false, ['sign', 'verify']),
      ),
    )
    return imported
  }

  async function isSigned(claims: string, signature: string): Promise<boolean> {
    const [text, bytes] = [encoder.encode(claims), fromBase64Url(signature)]
    for (const key of await keys()) {
      // Compares in constant time (WebCrypto §31.6.2).
      if (await crypto.subtle.verify('HMAC', key, bytes, text)) return true
    }
    return false
  }

  return {
    async mint(eventId, { subject, expiresInSeconds, signals } = {}) {
      requireName('eventId', eventId)
      if (subject !== undefined) requireName('subject', subject)
      if (signals?.length === 0) requireName('signals', undefined)
      for (const name of signals ?? []) requireName('a signal name', name)
      const until = Date.now() + readExpiry(expiresInSeconds, lifetime) * 1_000
      const expiresAt = Math.round(Math.min(Math.max(until, 0), MAX_TIME_MS))
      const claims = writeClaims({ eventId, expiresAt, subject, signals })
      const [key] = await keys()
      return joinToken(claims, await crypto.subtle.sign('HMAC', key!, encoder.encode(claims)))
    },

    async verify(token, { subject } = {}) {
      const parts = splitToken(token)
      const claims = parts && readClaims(parts.claims)
      if (!claims) return { ok: false, reason: 'malformed' }
      if (!(await isSigned(parts.claims, parts.signature))) return { ok: false, reason: 'bad_signature' }
      if (claims.expiresAt <= Date.now()) return { ok: false, reason: 'expired' }
      if (claims.subject !== undefined && claims.subject !== subject) return { ok: false, reason: 'wrong_subject' }
      return {
        ok: true,
        eventId: claims.eventId,
        expiresAt: new Date(claims.expiresAt),
        ...(claims.subject === undefined ? {} : { subject: claims.subject }),
        ...(claims.signals === undefined ? {} : { signals: claims.signals }),
      }
    },
  }
}

import type { Kind } from '../core/wire.js'

/** Why a record was refused for good. Codes only: an answer repeats nothing that was sent. */
export type RejectReason =
  /** Not what the protocol has: a field is missing, or of another type, or too deep. */
  | 'malformed'
  /** A field that the protocol does not know. */
  | 'unknown_field'
  /** A property that begins with `$` and is none of the SDK's own. */
  | 'reserved_property'
  /** A text, an id or the whole record is longer than the API takes. */
  | 'too_large'
  /** Neither a token nor a signed-in user. */
  | 'needs_token'
  /** The token was signed with another secret, or changed. */
  | 'bad_signature'
  | 'expired'
  /** The token was minted for another user. */
  | 'wrong_subject'
  /** The token names another event. */
  | 'wrong_event'
  /** The record is another user's, or its event is. */
  | 'wrong_user'
  /** A signal that the token does not allow, or that no browser may send. */
  | 'wrong_signal'
  /** An addition to an event of the server that would change its input, output or user. */
  | 'read_only'
  /** The client behind the relay dropped it (`beforeSend`), or the backend refused it. */
  | 'dropped'

/** A record of an envelope, as far as its frame goes: `body` is not looked at yet. */
export interface RelayRecord {
  readonly id: string
  readonly kind: Kind
  readonly body: unknown
  readonly token: string | undefined
}

/** For each kind, its place in the protocol. */
const KINDS: Readonly<Record<Kind, true>> = { event: true, partial: true, signal: true, identify: true, spans: true }
const FIELDS: readonly string[] = ['id', 'kind', 'body', 'token']

/** What record ids are made of (nanoid's alphabet): they are repeated in the answer, so nothing else may be in them. */
const RECORD_ID = /^[\w-]{1,64}$/

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The id to answer by. Undefined for a record that cannot be answered: it is in neither list. */
export function recordId(record: unknown): string | undefined {
  const id = isObject(record) ? record['id'] : undefined
  return typeof id === 'string' && RECORD_ID.test(id) ? id : undefined
}

/** The frame of a record, or what is wrong with it. */
export function readRecord(id: string, record: Record<string, unknown>): RelayRecord | RejectReason {
  if (!Object.keys(record).every((key) => FIELDS.includes(key))) return 'unknown_field'
  const { kind, body, token } = record
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) return 'malformed'
  if (token !== undefined && typeof token !== 'string') return 'malformed'
  return { id, kind: kind as Kind, body, token }
}

import type { Raindrop } from 'raindrop-js'
import { RaindropError } from '../core/errors.js'
import { FORWARDING, type Forwarding } from '../core/forwarding.js'
import type { Kind } from '../core/wire.js'
import { readEnvelope } from './envelope.js'
import { createIntake } from './intake.js'
import { createJudge, type Passed } from './judge.js'
import { createOriginCheck } from './origin.js'
import { isObject, readRecord, recordId, type RejectReason } from './record.js'
import { createSeen, type SeenIds } from './seen.js'
import type { FeedbackTokens } from './tokens.js'

/** Options of {@link createRelay}. Without `tokens`, `authorize` is required. */
export interface RelayOptions {
  /** Sends what is accepted. With `fileQueue` a record is safe, and the browser answered, within milliseconds. */
  raindrop: Raindrop
  /**
   * Who is asking, by cookie or header; null where nobody is signed in. Events, interactions and identify are accepted only where their user
   * is the one returned here, or an anonymous id; else rejected as `wrong_user`. Nothing is ever restamped. A token minted with a subject
   * needs that user. Without `authorize` only signals with a token pass.
   */
  authorize?: (request: Request) => { userId: string } | null | Promise<{ userId: string } | null>
  /** With tokens, a signal is accepted for the event its token names, signed in or not. */
  tokens?: FeedbackTokens
  /** Origins of pages, besides the relay's own, e.g. `https://app.example.com`. Default: same origin only. */
  allowedOrigins?: readonly string[]
  /** Default 2_097_152, also after unpacking. */
  maxBodyBytes?: number
  /** Return false to answer 429, which the browser obeys. */
  rateLimit?: (request: Request) => boolean | Promise<boolean>
  /** Default: a window in memory. Give a shared one where several instances run. */
  seen?: SeenIds
}

/** What is answered. An id in neither list was not taken: the browser keeps it and tries again. A repeat of an accepted id is accepted. */
export interface RelayAnswer {
  accepted: readonly string[]
  rejected: ReadonlyArray<{ id: string; reason: RejectReason }>
  retryAfterSeconds?: number
}

const MAX_BODY_BYTES = 2_097_152
/** Above this nothing is taken, so that what was accepted is never what the queue drops. */
const MAX_LOAD = 0.8
/** When to come again: after an outage that the client has its own backoff for, and when the queue, or a visitor, needs to calm down. */
const RETRY_SECONDS = 5
const CALM_SECONDS = 10

const ERRORS = {
  400: 'malformed',
  403: 'forbidden_origin',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  503: 'unavailable',
} as const

function refuse(status: keyof typeof ERRORS, headers: Readonly<Record<string, string>>): Response {
  return answer(status, { error: ERRORS[status] }, headers)
}

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>>): Response {
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers },
  })
}

/** A relay without the right options would fail with every visitor: better once, at the start. */
function readOptions(options: RelayOptions): { maxBodyBytes: number; client: Forwarding } {
  const fail: (message: string) => never = (message) => {
    throw new RaindropError('invalid_options', `createRelay: ${message}`)
  }
  const client = options.raindrop?.[FORWARDING]
  if (!client) return fail('needs a client. Pass raindrop: new Raindrop({ writeKey }).')
  for (const name of ['authorize', 'rateLimit'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') fail(`${name} must be a function.`)
  }
  if (!options.authorize && !options.tokens) fail('needs tokens, or authorize, or both: nothing could pass.')
  const { maxBodyBytes = MAX_BODY_BYTES } = options
  if (!(maxBodyBytes > 0)) fail('maxBodyBytes must be a number over 0.')
  return { maxBodyBytes, client }
}

/**
 * Takes what browsers track, and forwards it with the key that stays on the server. Judges every record by itself, and accepts one only when
 * it is safe: on disk, or taken by the backend.
 * @throws RaindropError `invalid_options`
 * @example
 * const relay = createRelay({ raindrop, tokens, authorize: async (request) => await userOf(request) })
 * app.post('/api/raindrop', (context) => relay(context.req.raw))
 */
export function createRelay(options: RelayOptions): (request: Request) => Promise<Response> {
  const { maxBodyBytes, client } = readOptions(options)
  const { authorize, rateLimit, tokens } = options
  const checkOrigin = createOriginCheck(options.allowedOrigins)
  const judge = createJudge(tokens, client)
  const seen = createSeen(options.seen, client.tell)
  const intake = createIntake(client, seen)

  async function judgeAll(records: readonly unknown[], user: string | undefined) {
    const accepted: string[] = []
    const rejected: Array<{ id: string; reason: RejectReason }> = []
    const passed = new Map<string, Passed & { kind: Kind }>()
    const repeated = await seen.among(records.flatMap((record) => recordId(record) ?? []))
    for (const record of records) {
      const id = recordId(record)
      if (id === undefined || !isObject(record) || passed.has(id)) continue
      if (repeated.has(id)) {
        accepted.push(id)
        continue
      }
      const read = readRecord(id, record)
      const verdict = typeof read === 'string' ? read : await judge(read, user)
      if (typeof verdict === 'string') rejected.push({ id, reason: verdict })
      else passed.set(id, { ...verdict, kind: (read as { kind: Kind }).kind })
    }
    return { accepted, rejected, passed }
  }

  async function take(records: readonly unknown[], user: string | undefined): Promise<RelayAnswer> {
    if (client.load() > MAX_LOAD) return { accepted: [], rejected: [], retryAfterSeconds: CALM_SECONDS }
    const { accepted, rejected, passed } = await judgeAll(records, user)
    let isMissing = false
    for (const [id, fate] of passed.size > 0 ? await intake(passed) : []) {
      if (fate === 'accepted') accepted.push(id)
      else if (fate === 'later') isMissing = true
      else rejected.push({ id, reason: fate })
    }
    return { accepted, rejected, ...(isMissing ? { retryAfterSeconds: RETRY_SECONDS } : {}) }
  }

  async function userOf(request: Request): Promise<string | undefined> {
    const userId = (await authorize?.(request))?.userId
    return typeof userId === 'string' && userId !== '' ? userId : undefined
  }

  async function respond(request: Request, headers: Readonly<Record<string, string>>): Promise<Response> {
    if (rateLimit && !(await rateLimit(request)))
      return refuse(429, { ...headers, 'retry-after': String(CALM_SECONDS) })
    // Before the body is read: an app's look at its session may want the request whole.
    const user = await userOf(request)
    const envelope = await readEnvelope(request, maxBodyBytes)
    if (!envelope.ok) return refuse(envelope.status, headers)
    return answer(200, await take(envelope.records, user), headers)
  }

  return async (request) => {
    const { ok, headers } = checkOrigin(request)
    if (!ok) return refuse(403, headers)
    if (request.method === 'OPTIONS') {
      const preflight = {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '86400',
      }
      return new Response(null, { status: 204, headers: { ...headers, ...preflight } })
    }
    if (request.method !== 'POST') return refuse(405, { ...headers, allow: 'POST, OPTIONS' })
    try {
      return await respond(request, headers)
    } catch (cause) {
      // What the app passed threw. Nothing was accepted: the browser keeps all of it.
      client.tell(
        new RaindropError(
          'invalid_options',
          'createRelay: authorize or rateLimit threw; the browser was told to come again.',
          cause,
        ),
      )
      return refuse(503, { ...headers, 'retry-after': String(RETRY_SECONDS) })
    }
  }
}

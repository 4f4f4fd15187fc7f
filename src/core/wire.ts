import type { WireRequest } from './ports.js'
import type { Attachment, Json, OutgoingItem, Sentiment, WireBody } from './types.js'
import { VERSION } from './version.js'

// The only file with snake_case. Shapes and paths are those of the ingest API, see docs/protocol.md.

export type Kind = OutgoingItem['kind']

/** What an interaction or event says, already converted and checked. */
export interface EventFields {
  event?: string | undefined
  userId?: string | undefined
  model?: string | undefined
  input?: string | undefined
  output?: string | undefined
  convoId?: string | undefined
  properties?: Record<string, Json> | undefined
  attachments?: readonly Attachment[] | undefined
  /** The trace of the event's spans. */
  traceId?: string | undefined
}

function attachmentBody(attachment: Attachment): WireBody {
  const { type, role, value, name, language, attachmentId } = attachment
  return { type, role, value, name, language, attachment_id: attachmentId }
}

/** Fields that are undefined vanish when the body is serialised. */
function aiData(fields: EventFields): WireBody {
  const data: WireBody = {}
  if (fields.model !== undefined) data.model = fields.model
  if (fields.input !== undefined) data.input = fields.input
  if (fields.output !== undefined) data.output = fields.output
  if (fields.convoId !== undefined) data.convo_id = fields.convoId
  return data
}

/** A whole event; `ai` tells an AI event from a plain one. */
export function eventBody(eventId: string, fields: EventFields, ai: boolean): WireBody {
  const body: WireBody = { event_id: eventId, event: fields.event, user_id: fields.userId }
  if (fields.properties) body.properties = fields.properties
  if (fields.traceId) body.properties = { trace_id: fields.traceId, ...fields.properties }
  if (fields.attachments?.length) body.attachments = fields.attachments.map(attachmentBody)
  if (ai) body['ai_data'] = aiData(fields)
  return body
}

/** What changed in an interaction since it was last sent, with what identifies it. */
export function partialBody(eventId: string, fields: EventFields, pending: boolean): WireBody {
  const body = eventBody(eventId, fields, true)
  body['is_pending'] = pending
  return body
}

/** A signal. `comment`, `after` and `before` live inside properties. */
export function signalBody(signal: {
  eventId: string
  name: string
  type: string
  sentiment: Sentiment | undefined
  attachmentId: string | undefined
  properties: Record<string, Json>
}): WireBody {
  return {
    event_id: signal.eventId,
    signal_name: signal.name,
    signal_type: signal.type,
    sentiment: signal.sentiment,
    attachment_id: signal.attachmentId,
    properties: signal.properties,
  }
}

export function identifyBody(userId: string, traits: Record<string, Json> | undefined): WireBody {
  return { user_id: userId, traits: traits ?? {} }
}

/** What the SDK adds to every event and partial. */
export interface Marks {
  readonly context: Json
  readonly wizardSession: string | undefined
}

/** Who sends, as `properties.$context`. */
export function contextOf(metadata: Readonly<Record<string, string>>): Json {
  return { library: { name: 'raindrop-js', version: VERSION }, metadata: { ...metadata } }
}

/** Adds timestamp and context. Done off the caller's turn. */
export function completeBody(kind: Kind, body: WireBody, at: number | undefined, marks: Marks): void {
  if (at !== undefined) body['timestamp'] = new Date(at).toISOString()
  if (kind !== 'event' && kind !== 'partial') return
  body.properties ??= {}
  if (marks.wizardSession !== undefined) body.properties['raindrop.wizardSession'] = marks.wizardSession
  body.properties['$context'] = marks.context
}

/** What no beforeSend may change: receivers deduplicate on it. */
export function identityOf(body: WireBody): WireBody {
  const identity: WireBody = {}
  for (const name of ['event_id', 'signal_name', 'user_id'] as const) {
    if (body[name] !== undefined) identity[name] = body[name]
  }
  return identity
}

function merged<T extends object>(older: T | undefined, newer: T | undefined): T | undefined {
  return older && newer ? { ...older, ...newer } : (newer ?? older)
}

/** Two undelivered partials of one event as one: later fields win, properties merge, attachments append, finished stays finished. */
export function foldPartials(older: WireBody, newer: WireBody): WireBody {
  const attachments = [...(older['attachments'] ?? []), ...(newer['attachments'] ?? [])] as WireBody[]
  const defined = Object.fromEntries(Object.entries(newer).filter(([, value]) => value !== undefined))
  const body: WireBody = {
    ...older,
    ...defined,
    ai_data: merged(older['ai_data'] as WireBody, newer['ai_data'] as WireBody),
    is_pending: older['is_pending'] !== false && newer['is_pending'] !== false,
  }
  const properties = merged(older.properties, newer.properties)
  if (properties) body.properties = properties
  if (attachments.length > 0) body['attachments'] = attachments
  return body
}

/** What stands before the body in a stored record. */
export interface RecordHeader {
  /** Format of the record: one of another version is left alone. */
  readonly v: 1
  /** The record's own id, stable over retries. */
  readonly id: string
  readonly kind: Kind
  /** What reports call it: event id, signal id, user id, trace id. */
  readonly ref: string
  readonly token?: string
}

const BODY = ',"body":'

/** The header stands first and holds no raw `,"body":`, since quotes inside strings are escaped. So nobody has to parse the body again. */
export function writeRecord(header: RecordHeader, bodyJson: string): string {
  return `${JSON.stringify(header).slice(0, -1)}${BODY}${bodyJson}}`
}

/** Undefined for a record of another version, or none of ours. */
export function readRecord(json: string): { header: RecordHeader; bodyJson: string } | undefined {
  const at = json.indexOf(BODY)
  if (at < 0) return undefined
  try {
    const header = JSON.parse(`${json.slice(0, at)}}`) as RecordHeader
    return header.v === 1 ? { header, bodyJson: json.slice(at + BODY.length, -1) } : undefined
  } catch {
    return undefined
  }
}

/** A record on its way. */
export interface Outgoing {
  readonly header: RecordHeader
  readonly bodyJson: string
}

/** How records become requests. */
export interface Protocol {
  /** Most bytes of one request's body. A larger record goes alone. */
  readonly maxRequestBytes: number
  /** Whether the answer tells of each record. */
  readonly answersPerRecord: boolean
  /** Where records of a kind go: what is refused at one address may pass at another. */
  route(kind: Kind): string
  /** Whether a record may travel in one request with records like `first`. */
  together(first: Kind, other: Kind): boolean
  request(records: readonly Outgoing[]): WireRequest
}

const PATHS: Record<Kind, string> = {
  event: 'events/track',
  partial: 'events/track_partial',
  signal: 'signals/track',
  identify: 'users/identify',
  spans: 'traces',
}

/** Of JSON texts. The brackets go onto the first and the last: around the whole they would cost a copy of it. */
function arrayOf(items: readonly string[]): string {
  const framed = [...items]
  framed[0] = `[${framed[0]}`
  framed.push(`${framed.pop()}]`)
  return framed.join(',')
}

function directBody(kind: Kind, records: readonly Outgoing[]): string {
  const bodies = records.map((record) => record.bodyJson)
  if (kind === 'partial') return bodies.join('')
  if (kind !== 'spans') return arrayOf(bodies)
  return `${SPANS}${bodies.map(spansIn).join(',')}]}`
}

const SPANS = '{"resourceSpans":['

/** The list in an OTLP document, cut out as text: to parse what was just written would cost as much as to write it. */
function spansIn(body: string): string {
  return body.slice(SPANS.length, -2)
}

/** An OTLP document with nothing beside its list, whoever made it, so that {@link spansIn} cuts in the right place. */
export function spansOnly({ resourceSpans }: WireBody): WireBody {
  return { resourceSpans: Array.isArray(resourceSpans) ? resourceSpans : [] }
}

/** The ingest API: one path for each kind, arrays where it takes arrays. */
export function directProtocol(endpoint: string, headers: Readonly<Record<string, string>>): Protocol {
  const sent = { 'content-type': 'application/json', ...headers }
  return {
    maxRequestBytes: 1_048_576,
    answersPerRecord: false,
    route: (kind) => PATHS[kind],
    together: (first, other) => first === other && first !== 'partial',
    request(records) {
      const { kind } = records[0]!.header
      return { url: endpoint + PATHS[kind], headers: sent, body: directBody(kind, records), gzip: false }
    },
  }
}

/** The headers of the ingest API. */
export function directHeaders(writeKey: string, projectId: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { authorization: `Bearer ${writeKey}` }
  if (projectId !== undefined) headers['x-raindrop-project-id'] = projectId
  return headers
}

/** A relay: one envelope for every kind, text/plain so that no preflight is needed. */
export function relayProtocol(url: string, now: () => number): Protocol {
  return {
    maxRequestBytes: 262_144,
    answersPerRecord: true,
    route: () => 'relay',
    together: () => true,
    request(records) {
      const items = records.map(({ header, bodyJson }) => {
        const { id, kind, token } = header
        return writeEnvelopeItem({ id, kind, token }, bodyJson)
      })
      const body = `{"v":1,"sentAt":"${new Date(now()).toISOString()}","records":[${items.join(',')}]}`
      return { url, headers: { 'content-type': 'text/plain' }, body, gzip: true }
    },
  }
}

function writeEnvelopeItem(item: { id: string; kind: Kind; token: string | undefined }, bodyJson: string): string {
  return `${JSON.stringify(item).slice(0, -1)}${BODY}${bodyJson}}`
}

/** What a relay says of each record: an id in neither list was not taken. */
export interface RelayVerdict {
  readonly accepted: ReadonlySet<string>
  readonly rejected: ReadonlyMap<string, string>
  readonly retryAfterSeconds: number | undefined
}

/** Undefined where the body is no relay's answer. */
export function readRelayAnswer(body: unknown): RelayVerdict | undefined {
  const { accepted, rejected, retryAfterSeconds } = (body ?? {}) as Record<string, unknown>
  if (!Array.isArray(accepted) || !Array.isArray(rejected)) return undefined
  return {
    accepted: new Set(accepted as string[]),
    // Whatever stands between may have changed the answer: what cannot be read names no record.
    rejected: new Map(
      (rejected as Array<{ id?: unknown; reason?: unknown } | null>).map((each) => [
        String(each?.id),
        String(each?.reason ?? 'no reason given'),
      ]),
    ),
    retryAfterSeconds: typeof retryAfterSeconds === 'number' && retryAfterSeconds >= 0 ? retryAfterSeconds : undefined,
  }
}

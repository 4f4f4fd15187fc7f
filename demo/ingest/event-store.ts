import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Database, Query } from './database'
import { mergeEvents, type EventBody } from './merge-events'
import { migrate } from './migrations'
import { storable } from './storable'

/** What a checked request held, one entry per record (WIRE §1.5 to §1.8). */
export interface IngestRecord {
  readonly kind: 'event' | 'partial' | 'signal' | 'identify' | 'spans'
  readonly id: string
  readonly body: Record<string, unknown>
}

/** One line of the inspector's list. */
export interface EventSummary {
  eventId: string
  cursor: string
  receivedAt: Date
  updatedAt: Date
  pending: boolean
  event: string | null
  userId: string | null
  convoId: string | null
  model: string | null
  input: string | null
  output: string | null
  attachments: number
  signals: number
}

export interface StoredSignal {
  signalId: string
  receivedAt: Date
  body: Record<string, unknown>
}

export interface EventDetail extends EventSummary {
  body: EventBody
  signalList: StoredSignal[]
}

export interface EventPage {
  events: EventSummary[]
  /** Pass as `before` to get the page after this one; null on the last. */
  nextCursor: string | null
}

export interface EventStore {
  /** Resolves once all of it is committed. Repeats change nothing. */
  ingest(records: readonly IngestRecord[]): Promise<void>
  /** Newest first, by first arrival. */
  list(options: { before?: string; limit: number }): Promise<EventPage>
  summaries(eventIds: readonly string[]): Promise<EventSummary[]>
  get(eventId: string): Promise<EventDetail | null>
  /** Calls with the ids that changed, whichever process changed them; with null when some changes went unheard. */
  onChange(listener: (eventIds: readonly string[] | null) => void): Promise<void>
  close(): Promise<void>
}

const channel = 'raindrop_ingest'

export async function createEventStore(database: Database): Promise<EventStore> {
  await migrate(database)
  return {
    ingest: (records) => ingest(database, records),
    list: (options) => list(database.query, options),
    summaries: (eventIds) =>
      database.query<EventSummary>(`${selectSummary} where e.event_id = any($1::text[])`, [eventIds]),
    get: (eventId) => get(database.query, eventId),
    onChange: (listener) => database.listen(channel, (payload) => listener(payload === '*' ? null : JSON.parse(payload))),
    close: () => database.close(),
  }
}

async function ingest(database: Database, records: readonly IngestRecord[]): Promise<void> {
  const clean = records.map((record) => ({ ...record, id: storable(record.id), body: storable(record.body) }))
  await database.transaction(async (query) => {
    const changed = [
      ...(await saveEvents(query, clean)),
      ...(await saveSignals(query, clean)),
    ]
    await saveUsers(query, clean)
    await saveSpans(query, clean)
    for (const payload of payloads([...new Set(changed)])) await query('select pg_notify($1, $2)', [channel, payload])
  })
}

/**
 * Every step takes its rows in the order of their keys, so that two processes with the same events wait for each other instead of
 * running into a deadlock.
 */
async function saveEvents(query: Query, records: readonly IngestRecord[]): Promise<string[]> {
  const updates = new Map<string, EventBody[]>()
  for (const { kind, body } of records) {
    if (kind !== 'event' && kind !== 'partial') continue
    const eventId = body.event_id as string
    updates.set(eventId, [...(updates.get(eventId) ?? []), { ...body, event_id: eventId, is_pending: kind === 'partial' && body.is_pending === true }])
  }
  if (updates.size === 0) return []

  const eventIds = [...updates.keys()].sort()
  const fresh = eventIds.map((eventId) => fold(updates.get(eventId)!))
  const inserted = await query<{ event_id: string }>(
    `insert into events (event_id, pending, body)
     select event_id, pending, body::jsonb from unnest($1::text[], $2::boolean[], $3::text[]) as new (event_id, pending, body)
     on conflict (event_id) do nothing
     returning event_id`,
    columns(fresh),
  )
  const isNew = new Set(inserted.map((row) => row.event_id))
  const known = eventIds.filter((eventId) => !isNew.has(eventId))
  if (known.length === 0) return eventIds

  // The lock makes read, merge and write one step for everybody else.
  const stored = await query<{ body: EventBody }>(
    'select body from events where event_id = any($1::text[]) order by event_id for update',
    [known],
  )
  const merged = stored
    .map(({ body }) => ({ before: body, after: fold(updates.get(body.event_id)!, body) }))
    .filter(({ before, after }) => !isDeepStrictEqual(before, after))
    .map(({ after }) => after)
  if (merged.length > 0) {
    await query(
      `update events set pending = new.pending, body = new.body::jsonb, updated_at = now()
       from unnest($1::text[], $2::boolean[], $3::text[]) as new (event_id, pending, body)
       where events.event_id = new.event_id`,
      columns(merged),
    )
  }
  return [...isNew, ...merged.map((body) => body.event_id)]
}

const fold = (updates: readonly EventBody[], stored?: EventBody): EventBody =>
  stored ? updates.reduce(mergeEvents, stored) : updates.reduce(mergeEvents)

const columns = (bodies: readonly EventBody[]) => [
  bodies.map((body) => body.event_id),
  bodies.map((body) => body.is_pending),
  bodies.map((body) => JSON.stringify(body)),
]

async function saveSignals(query: Query, records: readonly IngestRecord[]): Promise<string[]> {
  const signals = records.filter(({ kind }) => kind === 'signal').map(({ body }) => ({ id: signalId(body), body }))
  if (signals.length === 0) return []
  signals.sort((a, b) => (a.id < b.id ? -1 : 1))
  const inserted = await query<{ event_id: string }>(
    `insert into signals (signal_id, event_id, body)
     select signal_id, event_id, body::jsonb from unnest($1::text[], $2::text[], $3::text[]) as new (signal_id, event_id, body)
     on conflict (signal_id) do nothing
     returning event_id`,
    [
      signals.map(({ id }) => id),
      signals.map(({ body }) => body.event_id),
      signals.map(({ body }) => JSON.stringify(body)),
    ],
  )
  return inserted.map((row) => row.event_id)
}

/** Other shippers send no `$signal_id`: there the content itself tells a repeat. */
function signalId(body: Record<string, unknown>): string {
  const own = (body.properties as Record<string, unknown> | null | undefined)?.['$signal_id']
  return typeof own === 'string' && own ? own : `sha256:${createHash('sha256').update(JSON.stringify(body)).digest('hex')}`
}

async function saveUsers(query: Query, records: readonly IngestRecord[]): Promise<void> {
  const users = new Map<string, Record<string, unknown>>()
  for (const { kind, body } of records) {
    if (kind !== 'identify') continue
    const userId = body.user_id as string
    users.set(userId, { ...users.get(userId), ...(body.traits as Record<string, unknown> | undefined) })
  }
  if (users.size === 0) return
  const sorted = [...users].sort(([a], [b]) => (a < b ? -1 : 1))
  await query(
    `insert into users (user_id, traits)
     select user_id, traits::jsonb from unnest($1::text[], $2::text[]) as new (user_id, traits)
     on conflict (user_id) do update set traits = users.traits || excluded.traits, updated_at = now()
     where users.traits is distinct from users.traits || excluded.traits`,
    [sorted.map(([userId]) => userId), sorted.map(([, traits]) => JSON.stringify(traits))],
  )
}

interface OtlpSpan {
  traceId: string
  spanId: string
}

async function saveSpans(query: Query, records: readonly IngestRecord[]): Promise<void> {
  const spans = records.filter(({ kind }) => kind === 'spans').flatMap(({ body }) => spansOf(body))
  if (spans.length === 0) return
  spans.sort((a, b) => (a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1))
  await query(
    `insert into spans (trace_id, span_id, body)
     select trace_id, span_id, body::jsonb from unnest($1::text[], $2::text[], $3::text[]) as new (trace_id, span_id, body)
     on conflict do nothing`,
    [spans.map((span) => span.traceId), spans.map((span) => span.spanId), spans.map((span) => JSON.stringify(span))],
  )
}

function spansOf(body: Record<string, unknown>): OtlpSpan[] {
  const resources = (body.resourceSpans ?? []) as { scopeSpans?: { spans?: OtlpSpan[] }[] }[]
  return resources.flatMap((resource) => (resource.scopeSpans ?? []).flatMap((scope) => scope.spans ?? []))
}

/** A notification may have 8,000 bytes. An id that is too long for one is announced as "something changed". */
function payloads(eventIds: readonly string[]): string[] {
  const result: string[] = []
  for (let at = 0; at < eventIds.length; at += 50) {
    const payload = JSON.stringify(eventIds.slice(at, at + 50))
    result.push(Buffer.byteLength(payload) < 8_000 ? payload : '*')
  }
  return result
}

const previewLength = 240

const selectSummary = `
  select e.event_id as "eventId", e.position::text as cursor, e.received_at as "receivedAt", e.updated_at as "updatedAt", e.pending,
    e.body->>'event' as event, e.body->>'user_id' as "userId", e.body->'ai_data'->>'convo_id' as "convoId",
    e.body->'ai_data'->>'model' as model,
    left(e.body->'ai_data'->>'input', ${previewLength}) as input, left(e.body->'ai_data'->>'output', ${previewLength}) as output,
    case jsonb_typeof(e.body->'attachments') when 'array' then jsonb_array_length(e.body->'attachments') else 0 end as attachments,
    (select count(*)::int from signals s where s.event_id = e.event_id) as signals
  from events e`

/** Above every position, so that the first page is a page like any other. */
const newest = '9223372036854775807'

async function list(query: Query, { before, limit }: { before?: string; limit: number }): Promise<EventPage> {
  const rows = await query<EventSummary>(
    `${selectSummary} where e.position < $1::bigint order by e.position desc limit $2`,
    [before ?? newest, limit + 1],
  )
  const events = rows.slice(0, limit)
  return { events, nextCursor: rows.length > limit ? events.at(-1)!.cursor : null }
}

async function get(query: Query, eventId: string): Promise<EventDetail | null> {
  const [summary] = await query<EventSummary & { body: EventBody }>(
    `select summary.*, e.body from (${selectSummary} where e.event_id = $1) as summary join events e on e.event_id = summary."eventId"`,
    [eventId],
  )
  if (!summary) return null
  const signalList = await query<StoredSignal>(
    `select signal_id as "signalId", received_at as "receivedAt", body from signals where event_id = $1 order by position`,
    [eventId],
  )
  return { ...summary, signalList }
}

import type { IngestRecord } from 'raindrop-js/testing'
import type { Database, Query } from './database'
import { migrate } from './migrations'
import { saveEvents } from './save-events'
import { saveSignals, saveSpans, saveUsers } from './save-records'
import { storable } from './storable'

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
  body: Record<string, unknown>
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
    onChange: (listener) =>
      database.listen(channel, (payload) => listener(payload === '*' ? null : JSON.parse(payload))),
    close: () => database.close(),
  }
}

async function ingest(database: Database, records: readonly IngestRecord[]): Promise<void> {
  const clean = records.map((record) => ({ ...record, id: storable(record.id), body: storable(record.body) }))
  await database.transaction(async (query) => {
    const changed = [...(await saveEvents(query, clean)), ...(await saveSignals(query, clean))]
    await saveUsers(query, clean)
    await saveSpans(query, clean)
    for (const payload of payloads([...new Set(changed)])) await query('select pg_notify($1, $2)', [channel, payload])
  })
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
  const [summary] = await query<Omit<EventDetail, 'signalList'>>(
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

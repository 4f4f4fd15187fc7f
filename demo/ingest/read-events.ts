import type { Database, Query } from './database'
import type { EventFilter } from './event-filter'
import { findPositions } from './find-positions'
import { readTrace, type TraceSpan } from './read-trace'

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
  error: string | null
  attachments: number
  signals: number
  positive: number
  negative: number
  spans: number
}

export interface StoredSignal {
  signalId: string
  receivedAt: Date
  /** A later signal replaced it or took it back. */
  superseded: boolean
  body: Record<string, unknown>
}

export interface StoredEvent extends EventSummary {
  body: Record<string, unknown>
  signalList: StoredSignal[]
}

export interface EventDetail extends StoredEvent {
  traits: Record<string, unknown> | null
  trace: TraceSpan[]
}

export interface EventPage {
  events: EventSummary[]
  /** Pass as `before` to get the page after this one; null on the last. */
  nextCursor: string | null
}

export interface ListOptions {
  before?: string
  limit: number
  filter?: EventFilter
}

const previewLength = 240
const count = (from: string, condition = '') =>
  `(select count(*)::int from ${from} x where x.event_id = e.event_id ${condition})`

const selectSummary = `
  select e.event_id as "eventId", e.position::text as cursor, e.received_at as "receivedAt", e.updated_at as "updatedAt", e.pending,
    e.name as event, e.user_id as "userId", e.convo_id as "convoId", e.model,
    left(b.ai->>'input', ${previewLength}) as input, left(b.ai->>'output', ${previewLength}) as output,
    left(coalesce(b.properties->>'error.message', b.properties->>'error.type'), ${previewLength}) as error,
    case jsonb_typeof(b.attachments) when 'array' then jsonb_array_length(b.attachments) else 0 end as attachments,
    ${count('signals')} as signals,
    ${count('signals', 'and x.rating > 0 and not x.superseded')} as positive,
    ${count('signals', 'and x.rating < 0 and not x.superseded')} as negative,
    ${count('spans')} as spans
  from events e,
    lateral (select e.body->'ai_data' as ai, e.body->'properties' as properties, e.body->'attachments' as attachments offset 0) b`

/** Newest first. The page is found by index alone; only its own rows are read in full. */
export async function listEvents(database: Database, options: ListOptions): Promise<EventPage> {
  const positions = await findPositions(database, { ...options, limit: options.limit + 1 })
  const page = positions.slice(0, options.limit)
  const events = await database.query<EventSummary>(
    `${selectSummary} where e.position = any($1::bigint[]) order by e.position desc`,
    [page],
  )
  return { events, nextCursor: positions.length > options.limit ? page.at(-1)! : null }
}

export const readSummaries = (query: Query, eventIds: readonly string[]) =>
  query<EventSummary>(`${selectSummary} where e.event_id = any($1::text[])`, [eventIds])

export async function readEvent(query: Query, eventId: string): Promise<EventDetail | null> {
  const [event] = await readStored(query, { eventIds: [eventId] })
  if (!event) return null
  const [user] = await query<{ traits: Record<string, unknown> }>('select traits from users where user_id = $1', [
    event.userId,
  ])
  return { ...event, traits: user?.traits ?? null, trace: await readTrace(query, event) }
}

/** Whole events with their signals, by id, newest first. */
export async function readStored(query: Query, { eventIds }: { eventIds: readonly string[] }): Promise<StoredEvent[]> {
  const events = await query<Omit<StoredEvent, 'signalList'>>(
    `select summary.*, e.body from (${selectSummary} where e.event_id = any($1::text[])) as summary
     join events e on e.event_id = summary."eventId" order by e.position desc`,
    [eventIds],
  )
  const signals = await query<StoredSignal & { eventId: string }>(
    `select event_id as "eventId", signal_id as "signalId", received_at as "receivedAt", superseded, body
     from signals where event_id = any($1::text[]) order by position`,
    [eventIds],
  )
  const lists = new Map<string, StoredSignal[]>(events.map((event) => [event.eventId, []]))
  for (const { eventId, ...signal } of signals) lists.get(eventId)?.push(signal)
  return events.map((event) => ({ ...event, signalList: inTheirOrder(lists.get(event.eventId) ?? []) }))
}

/** As people gave them: what was queued in an outage arrives together. Without a time of its own a signal counts as given when it arrived. */
const inTheirOrder = (signals: readonly StoredSignal[]) => signals.toSorted((a, b) => givenAt(a) - givenAt(b))

function givenAt({ body: { timestamp }, receivedAt }: StoredSignal): number {
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(time) ? receivedAt.getTime() : time
}

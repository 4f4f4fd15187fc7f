import { isDeepStrictEqual } from 'node:util'
import { mergeEvent, type IngestRecord, type MergedEvent } from 'raindrop-js/testing'
import { minus, type Contribution } from './counters'
import type { Query } from './database'
import { eventContribution } from './event-contribution'

export interface SavedEvents {
  changed: string[]
  contributions: Contribution[]
}

interface Stored {
  position: string
  receivedAt: Date
}

/**
 * Folds events and partials into what is stored under their ids, and tells what changed. Rows are taken in the order of their ids, so
 * that two processes with the same events wait for each other instead of running into a deadlock.
 */
export async function saveEvents(query: Query, records: readonly IngestRecord[]): Promise<SavedEvents> {
  const updates = groupById(records)
  if (updates.size === 0) return { changed: [], contributions: [] }
  const eventIds = [...updates.keys()].sort()

  const fresh = eventIds.map((eventId) => fold(undefined, updates.get(eventId)!))
  const stored = await insertNew(query, fresh)
  const inserted = fresh.flatMap((event) => {
    const row = stored.get(event.eventId)
    return row ? [{ ...event, ...row }] : []
  })
  const known = eventIds.filter((eventId) => !stored.has(eventId))
  const merged = known.length === 0 ? [] : await merge(query, known, updates)
  await update(
    query,
    merged.map(({ after }) => after),
  )
  await queueTexts(query, [
    ...inserted.filter(({ body }) => textsOf(body) !== '').map(({ position }) => position),
    ...merged
      .filter(({ before, after }) => textsOf(before.body) !== textsOf(after.body))
      .map(({ after }) => after.position),
  ])
  return {
    changed: [...inserted, ...merged.map(({ after }) => after)].map(({ eventId }) => eventId),
    contributions: [
      ...inserted.map(eventContribution),
      ...merged.flatMap(({ before, after }) => [minus(eventContribution(before)), eventContribution(after)]),
    ],
  }
}

function groupById(records: readonly IngestRecord[]): Map<string, IngestRecord[]> {
  const groups = new Map<string, IngestRecord[]>()
  for (const record of records) {
    if (record.kind !== 'event' && record.kind !== 'partial') continue
    const group = groups.get(record.id)
    if (group) group.push(record)
    else groups.set(record.id, [record])
  }
  return groups
}

/** Through JSON, so that it compares equal to what comes back from the database. */
const fold = (known: MergedEvent | undefined, updates: readonly IngestRecord[]): MergedEvent =>
  JSON.parse(JSON.stringify(updates.reduce<MergedEvent | undefined>(mergeEvent, known)))

const newRows = 'unnest($1::text[], $2::boolean[], $3::text[], $4::text[]) as new (event_id, pending, body, stamps)'

/** The common case, an id that was never seen, costs this one statement. */
async function insertNew(query: Query, events: readonly MergedEvent[]): Promise<Map<string, Stored>> {
  const rows = await query<Stored & { event_id: string }>(
    `insert into events (event_id, pending, body, stamps)
     select event_id, pending, body::jsonb, stamps::jsonb from ${newRows}
     on conflict (event_id) do nothing
     returning event_id, position::text, received_at as "receivedAt"`,
    columns(events),
  )
  return new Map(rows.map(({ event_id, ...row }) => [event_id, row]))
}

async function merge(query: Query, known: readonly string[], updates: ReadonlyMap<string, IngestRecord[]>) {
  const rows = await lock(query, known)
  return (
    rows
      .map(({ position, receivedAt, ...before }) => {
        const after = fold(before, updates.get(before.eventId)!)
        return {
          before: { ...before, receivedAt },
          after: { ...after, position, receivedAt },
          isNews: !isDeepStrictEqual(before, after),
        }
      })
      // A repeat changes nothing, so it is no news either.
      .filter(({ isNews }) => isNews)
  )
}

/** The lock makes read, merge and write one step for everybody else. */
const lock = (query: Query, eventIds: readonly string[]) =>
  query<MergedEvent & Stored>(
    `select event_id as "eventId", body, pending, stamps, position::text, received_at as "receivedAt"
     from events where event_id = any($1::text[]) order by event_id for update`,
    [eventIds],
  )

async function update(query: Query, events: readonly MergedEvent[]): Promise<void> {
  if (events.length === 0) return
  await query(
    `update events set pending = new.pending, body = new.body::jsonb, stamps = new.stamps::jsonb, updated_at = clock_timestamp()
     from ${newRows}
     where events.event_id = new.event_id`,
    columns(events),
  )
}

async function queueTexts(query: Query, positions: readonly string[]): Promise<void> {
  if (positions.length === 0) return
  await query('insert into text_queue select unnest($1::bigint[])', [positions])
}

const textsOf = ({ ai_data }: MergedEvent['body']): string => `${ai_data?.input ?? ''}${ai_data?.output ?? ''}`

const columns = (events: readonly MergedEvent[]) => [
  events.map(({ eventId }) => eventId),
  events.map(({ pending }) => pending),
  events.map(({ body }) => JSON.stringify(body)),
  events.map(({ stamps }) => JSON.stringify(stamps)),
]

import { isDeepStrictEqual } from 'node:util'
import { mergeEvent, type IngestRecord, type MergedEvent } from 'raindrop-js/testing'
import type { Query } from './database'

/**
 * Folds events and partials into what is stored under their ids, and tells which ids changed. Rows are taken in the order of their ids, so
 * that two processes with the same events wait for each other instead of running into a deadlock.
 */
export async function saveEvents(query: Query, records: readonly IngestRecord[]): Promise<string[]> {
  const updates = groupById(records)
  if (updates.size === 0) return []
  const eventIds = [...updates.keys()].sort()

  const inserted = await insertNew(
    query,
    eventIds.map((eventId) => fold(undefined, updates.get(eventId)!)),
  )
  const known = eventIds.filter((eventId) => !inserted.has(eventId))
  if (known.length === 0) return eventIds

  const merged = (await lock(query, known))
    .map((before) => ({ before, after: fold(before, updates.get(before.eventId)!) }))
    // A repeat changes nothing, so it is no news either.
    .filter(({ before, after }) => !isDeepStrictEqual(before, after))
    .map(({ after }) => after)
  await update(query, merged)
  return [...inserted, ...merged.map(({ eventId }) => eventId)]
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
async function insertNew(query: Query, events: readonly MergedEvent[]): Promise<Set<string>> {
  const rows = await query<{ event_id: string }>(
    `insert into events (event_id, pending, body, stamps)
     select event_id, pending, body::jsonb, stamps::jsonb from ${newRows}
     on conflict (event_id) do nothing
     returning event_id`,
    columns(events),
  )
  return new Set(rows.map((row) => row.event_id))
}

/** The lock makes read, merge and write one step for everybody else. */
const lock = (query: Query, eventIds: readonly string[]) =>
  query<MergedEvent>(
    `select event_id as "eventId", body, pending, stamps from events where event_id = any($1::text[]) order by event_id for update`,
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

const columns = (events: readonly MergedEvent[]) => [
  events.map(({ eventId }) => eventId),
  events.map(({ pending }) => pending),
  events.map(({ body }) => JSON.stringify(body)),
  events.map(({ stamps }) => JSON.stringify(stamps)),
]

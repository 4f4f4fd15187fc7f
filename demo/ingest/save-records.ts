import type { IngestRecord } from 'raindrop-js/testing'
import type { Query } from './database'
import { inOrder, toJson } from './in-order'

/** Traits of a user add up; the later one of a name wins. */
export async function saveUsers(query: Query, records: readonly IngestRecord[]): Promise<void> {
  const users = new Map<string, object>()
  for (const { id, body } of inOrder(records, 'identify')) users.set(id, { ...users.get(id), ...body.traits })
  if (users.size === 0) return
  await query(
    `insert into users (user_id, traits)
     select user_id, traits::jsonb from unnest($1::text[], $2::text[]) as new (user_id, traits)
     on conflict (user_id) do update set traits = users.traits || excluded.traits, updated_at = now()
     where users.traits is distinct from users.traits || excluded.traits`,
    [[...users.keys()], [...users.values()].map((traits) => JSON.stringify(traits))],
  )
}

/** As they came, one OTLP document per span. Tells the events whose traces became longer. */
export async function saveSpans(query: Query, records: readonly IngestRecord[]): Promise<string[]> {
  const spans = inOrder(records, 'spans')
  if (spans.length === 0) return []
  const inserted = await query<{ event_id: string | null }>(
    `insert into spans (span_key, body)
     select span_key, body::jsonb from unnest($1::text[], $2::text[]) as new (span_key, body)
     on conflict (span_key) do nothing
     returning event_id`,
    [spans.map(({ id }) => id), spans.map(toJson)],
  )
  return inserted.flatMap(({ event_id }) => (event_id === null ? [] : [event_id]))
}

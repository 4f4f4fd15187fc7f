import type { IngestRecord } from 'raindrop-js/testing'
import type { Query } from './database'

// All of these take their rows in the order of their keys, for the reason told in save-events.ts.

/** Once per signal id (`properties.$signal_id`). Tells the events whose signals became more. */
export async function saveSignals(query: Query, records: readonly IngestRecord[]): Promise<string[]> {
  const signals = inOrder(records, 'signal')
  if (signals.length === 0) return []
  const inserted = await query<{ event_id: string }>(
    `insert into signals (signal_id, event_id, body)
     select signal_id, event_id, body::jsonb from unnest($1::text[], $2::text[], $3::text[]) as new (signal_id, event_id, body)
     on conflict (signal_id) do nothing
     returning event_id`,
    [signals.map(({ id }) => id), signals.map(({ body }) => body.event_id), signals.map(toJson)],
  )
  return inserted.map((row) => row.event_id)
}

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

/** As they came, one OTLP document per span. */
export async function saveSpans(query: Query, records: readonly IngestRecord[]): Promise<void> {
  const spans = inOrder(records, 'spans')
  if (spans.length === 0) return
  await query(
    `insert into spans (span_key, body)
     select span_key, body::jsonb from unnest($1::text[], $2::text[]) as new (span_key, body)
     on conflict (span_key) do nothing`,
    [spans.map(({ id }) => id), spans.map(toJson)],
  )
}

/** A stable sort: records of one id stay in the order in which they came. */
const inOrder = (records: readonly IngestRecord[], kind: IngestRecord['kind']) =>
  records.filter((record) => record.kind === kind).toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))

const toJson = ({ body }: IngestRecord) => JSON.stringify(body)

import type { IngestRecord } from 'raindrop-js/testing'
import { minus } from './counters'
import type { Database, Query } from './database'
import { inOrder, toJson } from './in-order'
import { saveBuckets } from './save-buckets'
import { signalContribution, type CountedSignal } from './signal-contribution'

/** Once per signal id (`properties.$signal_id`). Tells the events whose signals became more. */
export async function saveSignals(query: Query, records: readonly IngestRecord[]) {
  const signals = inOrder(records, 'signal')
  if (signals.length === 0) return { changed: [], contributions: [] }
  const inserted = await query<CountedSignal & { event_id: string }>(
    `insert into signals (signal_id, event_id, body)
     select signal_id, event_id, body::jsonb from unnest($1::text[], $2::text[], $3::text[]) as new (signal_id, event_id, body)
     on conflict (signal_id) do nothing
     returning event_id, received_at as "receivedAt", model, rating, superseded`,
    [signals.map(({ id }) => id), signals.map(({ body }) => body.event_id), signals.map(toJson)],
  )
  return {
    changed: inserted.map(({ event_id }) => event_id),
    contributions: inserted.map(signalContribution),
  }
}

/** Of `signals s` and its event `e`, where that has arrived. */
const nowModel = `case when e.event_id is null then s.model else coalesce(e.model, '') end`
/** A changed or withdrawn vote names the one before it; only a vote on the same event can be meant. */
const nowSuperseded = `(s.superseded or exists (select 1 from signals r where r.supersedes = s.signal_id and r.event_id = s.event_id))`

/**
 * Gives signals the model of their event, and marks those that another one replaced. Any of these may come first, and two processes may
 * store them at the same time: so it is looked at after both commits, by both of them, and the later one sees all.
 */
export async function settleSignals(database: Database, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return
  const unsettled = `from signals s left join events e on e.event_id = s.event_id
    where s.event_id = any($1::text[]) and (s.model is distinct from ${nowModel} or s.superseded is distinct from ${nowSuperseded})`
  const [found] = await database.query(`select 1 ${unsettled} limit 1`, [eventIds])
  if (!found) return
  await database.transaction(async (query) => {
    const rows = await query<CountedSignal & { signalId: string; nowModel: string; nowSuperseded: boolean }>(
      `select s.signal_id as "signalId", s.received_at as "receivedAt", s.model, s.rating, s.superseded,
         ${nowModel} as "nowModel", ${nowSuperseded} as "nowSuperseded" ${unsettled} order by s.signal_id for update of s`,
      [eventIds],
    )
    await query(
      `update signals set model = new.model, superseded = new.superseded
       from unnest($1::text[], $2::text[], $3::boolean[]) as new (signal_id, model, superseded)
       where signals.signal_id = new.signal_id`,
      [rows.map(({ signalId }) => signalId), rows.map((row) => row.nowModel), rows.map((row) => row.nowSuperseded)],
    )
    await saveBuckets(
      query,
      rows.flatMap((row) => [
        minus(signalContribution(row)),
        signalContribution({ ...row, model: row.nowModel, superseded: row.nowSuperseded }),
      ]),
    )
  })
}

import type { Query } from './database'
import { eventContribution, type CountedEvent } from './event-contribution'
import { saveBuckets } from './save-buckets'
import { signalContribution, type CountedSignal } from './signal-contribution'

const pageSize = 1_000

/** Sums up what was stored before there were sums. Page by page: a store may be larger than memory. */
export async function countEverything(query: Query): Promise<void> {
  for (let after = '0'; ;) {
    const page = await query<CountedEvent & { position: string }>(
      `select position::text, received_at as "receivedAt", pending, body from events where position > $1::bigint order by position limit ${pageSize}`,
      [after],
    )
    await saveBuckets(query, page.map(eventContribution))
    if (page.length < pageSize) break
    after = page.at(-1)!.position
  }
  await query(
    `update signals set superseded = true from signals other where other.supersedes = signals.signal_id and other.event_id = signals.event_id`,
  )
  await query(
    `update signals set model = coalesce(events.model, '') from events where events.event_id = signals.event_id`,
  )
  for (let after = '0'; ;) {
    const page = await query<CountedSignal & { position: string }>(
      `select position::text, received_at as "receivedAt", model, rating, superseded from signals where position > $1::bigint order by position limit ${pageSize}`,
      [after],
    )
    await saveBuckets(query, page.map(signalContribution))
    if (page.length < pageSize) break
    after = page.at(-1)!.position
  }
}

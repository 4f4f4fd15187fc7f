import { bucketSizes, counterNames, type BucketSize, type CounterName } from './counters'
import type { Query } from './database'

export const ranges = {
  '1h': { size: 'minute', lengthMs: 3_600_000 },
  '24h': { size: 'hour', lengthMs: 86_400_000 },
  '7d': { size: 'hour', lengthMs: 7 * 86_400_000 },
  '30d': { size: 'day', lengthMs: 30 * 86_400_000 },
  all: { size: 'day', lengthMs: undefined },
} as const satisfies Record<string, { size: BucketSize; lengthMs: number | undefined }>
export type Range = keyof typeof ranges

type Sums = Record<CounterName, number>

export interface Overview {
  range: Range
  /** Length of one point. */
  stepMs: number
  from: Date | null
  to: Date
  /** Only points with something in them, oldest first. */
  points: ({ start: Date } & Sums)[]
  /** By model, most events first; the empty name is "none given". */
  models: ({ model: string } & Sums)[]
}

const sums = counterNames.map((name) => `sum(${name})::float8 as ${name}`).join(', ')
const mostPoints = 1_500
const mostModels = 50

/** From the sums that the ingest keeps: what it costs depends on the range, not on the number of events. */
export async function readOverview(query: Query, range: Range, now = new Date()): Promise<Overview> {
  const { size, lengthMs } = ranges[range]
  const stepMs = bucketSizes[size]
  // Whole steps, the one that is under way included.
  const from = lengthMs === undefined ? null : new Date((Math.floor(now.getTime() / stepMs) + 1) * stepMs - lengthMs)
  const where = `where size = $1 and start >= coalesce($2::timestamptz, '-infinity')`
  const values = [size, from?.toISOString() ?? null]
  const points = await query<Overview['points'][number]>(
    `select start, ${sums} from buckets ${where} group by start order by start desc limit ${mostPoints}`,
    values,
  )
  const models = await query<Overview['models'][number]>(
    `select model, ${sums} from buckets ${where} group by model order by sum(events) desc limit ${mostModels}`,
    values,
  )
  return { range, stepMs, from, to: now, points: points.toReversed(), models }
}

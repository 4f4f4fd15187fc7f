import { bucketSizes, counterNames, type BucketSize, type Contribution, type Counters } from './counters'
import type { Query } from './database'

const shards = 8

/** Adds what rows count for, or takes it away. Last in a transaction: whoever holds a bucket waits for nothing else. */
export async function saveBuckets(query: Query, contributions: readonly Contribution[]): Promise<void> {
  const rows = [...sums(contributions).values()]
    .filter(({ counters }) => Object.values(counters).some((value) => value !== 0))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  if (rows.length === 0) return
  await query(
    `insert into buckets as known (size, start, model, shard, ${counterNames.join(', ')})
     select size, start, model, ${Math.floor(Math.random() * shards)}, ${counterNames.join(', ')}
     from unnest($1::text[], $2::timestamptz[], $3::text[], ${counterNames.map((_, at) => `$${at + 4}::bigint[]`).join(', ')})
       as new (size, start, model, ${counterNames.join(', ')})
     on conflict (size, start, model, shard) do update set
       ${counterNames.map((name) => `${name} = known.${name} + excluded.${name}`).join(', ')}`,
    [
      rows.map(({ size }) => size),
      rows.map(({ start }) => start.toISOString()),
      rows.map(({ model }) => model),
      ...counterNames.map((name) => rows.map(({ counters }) => counters[name] ?? 0)),
    ],
  )
}

interface Bucket {
  key: string
  size: BucketSize
  start: Date
  model: string
  counters: Counters
}

function sums(contributions: readonly Contribution[]): Map<string, Bucket> {
  const buckets = new Map<string, Bucket>()
  for (const { at, model, counters } of contributions) {
    for (const size of Object.keys(bucketSizes) as BucketSize[]) {
      const start = new Date(Math.floor(at.getTime() / bucketSizes[size]) * bucketSizes[size])
      const key = `${size} ${start.toISOString()} ${model}`
      const bucket = buckets.get(key) ?? { key, size, start, model, counters: {} }
      buckets.set(key, bucket)
      for (const name of counterNames) bucket.counters[name] = (bucket.counters[name] ?? 0) + (counters[name] ?? 0)
    }
  }
  return buckets
}

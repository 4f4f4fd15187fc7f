/** What the overview adds up. The names are the columns of `buckets`. */
export const counterNames = [
  'events',
  'interactions',
  'open_interactions',
  'errors',
  'input_tokens',
  'output_tokens',
  'signals',
  'positive',
  'negative',
  'delay_1s',
  'delay_10s',
  'delay_1m',
  'delay_10m',
  'delay_1h',
  'delay_more',
] as const

export type CounterName = (typeof counterNames)[number]
export type Counters = Partial<Record<CounterName, number>>

/** What one stored row adds to the sums of its time and model. Taken away with the sign turned when the row changes. */
export interface Contribution {
  at: Date
  model: string
  counters: Counters
}

/** Minutes for the last hours, hours for the last weeks, days for ever. */
export const bucketSizes = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
export type BucketSize = keyof typeof bucketSizes

export const minus = ({ at, model, counters }: Contribution): Contribution => ({
  at,
  model,
  counters: Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, -value])),
})

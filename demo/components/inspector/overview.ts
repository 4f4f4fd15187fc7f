/** What the ingest answers at `overview`. See ingest/read-overview.ts. */
export const ranges = [
  ['1h', 'Hour'],
  ['24h', 'Day'],
  ['7d', 'Week'],
  ['30d', 'Month'],
  ['all', 'All'],
] as const
export type Range = (typeof ranges)[number][0]

export const rangeOf = (value: string | null | undefined): Range =>
  ranges.find(([name]) => name === value)?.[0] ?? '24h'

export interface Sums {
  events: number
  interactions: number
  open_interactions: number
  errors: number
  input_tokens: number
  output_tokens: number
  signals: number
  positive: number
  negative: number
  delay_1s: number
  delay_10s: number
  delay_1m: number
  delay_10m: number
  delay_1h: number
  delay_more: number
}

export interface Overview {
  range: Range
  stepMs: number
  from: string | null
  to: string
  points: ({ start: string } & Sums)[]
  models: ({ model: string } & Sums)[]
}

const none: Sums = {
  events: 0,
  interactions: 0,
  open_interactions: 0,
  errors: 0,
  input_tokens: 0,
  output_tokens: 0,
  signals: 0,
  positive: 0,
  negative: 0,
  delay_1s: 0,
  delay_10s: 0,
  delay_1m: 0,
  delay_10m: 0,
  delay_1h: 0,
  delay_more: 0,
}
const names = Object.keys(none) as (keyof Sums)[]

export const total = (sums: readonly Sums[]): Sums =>
  Object.fromEntries(names.map((name) => [name, sums.reduce((sum, one) => sum + one[name], 0)])) as unknown as Sums

export interface Point extends Sums {
  /** Milliseconds since 1970. */
  at: number
}

const mostPoints = 400

/** One point for each step, also where nothing happened: a gap in time must look like one. */
export function pointsOf({ points, stepMs, from, to }: Overview): Point[] {
  const known = new Map(points.map((point) => [Date.parse(point.start), point]))
  const first = from ? Date.parse(from) : points[0] ? Date.parse(points[0].start) : Date.parse(to)
  const last = Math.floor(Date.parse(to) / stepMs) * stepMs
  const begin = Math.max(first, last - (mostPoints - 1) * stepMs)
  const result: Point[] = []
  for (let at = begin; at <= last; at += stepMs) result.push({ ...none, ...known.get(at), at })
  return result
}

/** Share of good ones among those who said something; null where nobody did. */
export const satisfaction = ({ positive, negative }: Sums) =>
  positive + negative === 0 ? null : positive / (positive + negative)

export const errorRate = ({ errors, events }: Sums) => (events === 0 ? null : errors / events)

export const percent = (share: number | null) =>
  share === null ? '–' : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}\u00A0%`

const large = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
export const short = (value: number) => (value < 10_000 ? value.toLocaleString('en') : large.format(value))

export const delaySteps = [
  ['delay_1s', '1 s'],
  ['delay_10s', '10 s'],
  ['delay_1m', '1 min'],
  ['delay_10m', '10 min'],
  ['delay_1h', '1 h'],
  ['delay_more', 'longer'],
] as const satisfies readonly (readonly [keyof Sums, string])[]

/** Within which step the typical event arrived; null where none said when it was tracked. */
export function typicalDelay(sums: Sums): string | null {
  const all = delaySteps.reduce((sum, [name]) => sum + sums[name], 0)
  let sum = 0
  for (const [name, label] of delaySteps) {
    sum += sums[name]
    if (all > 0 && sum * 2 >= all) return name === 'delay_more' ? 'over 1 h' : `≤ ${label}`
  }
  return null
}

/**
 * How late a value is: first by finality (1 for what came with a finished event), then by the record's own time in
 * milliseconds, 0 where it has none. Plain data, so that a database can hold it.
 * @inline
 */
export type Stamp = readonly [finality: 0 | 1, time: number]

/** Equal or incomparable stamps: the later arrival wins, as one sender's partials never overtake each other. */
export function supersedes(incoming: Stamp, known: Stamp): boolean {
  if (incoming[0] !== known[0]) return incoming[0] > known[0]
  return incoming[1] === 0 || incoming[1] >= known[1]
}

export function laterStamp(a: Stamp, b: Stamp): Stamp {
  return isBefore(a, b) ? b : a
}

export function earlierStamp(a: Stamp, b: Stamp): Stamp {
  return isBefore(b, a) ? b : a
}

export function isBefore(a: Stamp, b: Stamp): boolean {
  return a[0] === b[0] ? a[1] < b[1] : a[0] < b[0]
}

export type Stamps = Readonly<Record<string, Stamp>>

export interface StampedFields {
  readonly values: Readonly<Record<string, unknown>>
  readonly stamps: Stamps
}

/** Key by key. Entries instead of assignment, so that a key named `__proto__` stays plain data. */
export function mergeFields(known: StampedFields, incoming: object, stamp: Stamp): StampedFields {
  const values = new Map(Object.entries(known.values))
  const stamps = new Map(Object.entries(known.stamps))
  for (const [key, value] of Object.entries(incoming)) {
    const before = stamps.get(key)
    if (before !== undefined && !supersedes(stamp, before)) continue
    values.set(key, value)
    stamps.set(key, before === undefined ? stamp : laterStamp(before, stamp))
  }
  return { values: Object.fromEntries(values), stamps: Object.fromEntries(stamps) }
}

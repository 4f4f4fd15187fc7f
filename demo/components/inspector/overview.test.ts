import { expect, it } from 'vitest'
import { pointsOf, satisfaction, total, typicalDelay, type Overview, type Sums } from './overview'

const none = total([])
const overview = (points: { start: string; events: number }[], more: Partial<Overview> = {}): Overview => ({
  range: '1h',
  stepMs: 60_000,
  from: '2026-11-20T10:00:00.000Z',
  to: '2026-11-20T10:03:30.000Z',
  points: points.map((point) => ({ ...none, ...point })),
  models: [],
  ...more,
})

it('has a point for every step, so that a gap looks like one', () => {
  const points = pointsOf(overview([{ start: '2026-11-20T10:02:00.000Z', events: 3 }]))
  expect(points.map(({ events }) => events)).toEqual([0, 0, 3, 0])
})

it('begins with the first event where the range has no beginning, and never draws more than it can', () => {
  expect(pointsOf(overview([{ start: '2026-11-20T10:02:00.000Z', events: 1 }], { from: null }))).toHaveLength(2)
  expect(pointsOf(overview([{ start: '2020-01-01T00:00:00.000Z', events: 1 }], { from: null }))).toHaveLength(400)
})

it('has no opinion where nobody had one', () => {
  expect(satisfaction(none)).toBeNull()
  expect(satisfaction({ ...none, positive: 3, negative: 1 })).toBe(0.75)
})

it.each<[Partial<Sums>, string | null]>([
  [{}, null],
  [{ delay_1s: 5, delay_more: 4 }, '≤ 1 s'],
  [{ delay_1s: 1, delay_10m: 4 }, '≤ 10 min'],
  [{ delay_more: 1 }, 'over 1 h'],
])('says for %j that the typical event took %s', (sums, expected) => {
  expect(typicalDelay({ ...none, ...sums })).toBe(expected)
})

import { expect, it } from 'vitest'
import type { TraceSpan } from './events'
import { duration, traceRows } from './trace-rows'

const span = (spanId: string, parentId: string | null, startMs: number, endMs: number): TraceSpan => ({
  spanId,
  parentId,
  startMs,
  endMs,
  name: spanId,
  kind: null,
  error: null,
  input: null,
  output: null,
  attributes: {},
})

it('puts children under their parents, and bars where their time was', () => {
  const rows = traceRows([
    span('root', null, 100, 200),
    span('b', 'root', 150, 200),
    span('a', 'root', 100, 150),
    span('in-b', 'b', 175, 200),
  ])
  expect(rows.map(({ span: { spanId }, depth }) => [spanId, depth])).toEqual([
    ['root', 0],
    ['b', 1],
    ['in-b', 2],
    ['a', 1],
  ])
  expect(rows[2]).toMatchObject({ left: 0.75, width: 0.25 })
})

it('shows a span whose parent did not arrive, and each once in a circle', () => {
  const rows = traceRows([span('lost', 'none', 0, 1), span('x', 'y', 0, 1), span('y', 'x', 0, 1)])
  expect(rows.map(({ span: { spanId } }) => spanId).sort()).toEqual(['lost', 'x', 'y'])
})

it('divides by nothing where all of it took no time', () => {
  expect(traceRows([span('a', null, 5, 5)])[0]).toMatchObject({ left: 0, width: 0 })
  expect(traceRows([])).toEqual([])
})

it('says how long it took in the unit that suits', () => {
  expect([span('a', null, 0, 0.25), span('a', null, 0, 42), span('a', null, 0, 1_850)].map(duration)).toEqual([
    '0.3 ms',
    '42 ms',
    '1.85 s',
  ])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeEvent, type MergedEvent } from './merge-event'
import type { IngestRecord, WireFields } from './types'

const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, second)).toISOString()
const partial = (body: WireFields): IngestRecord => ({
  kind: 'partial',
  id: 'e1',
  body: { event_id: 'e1', is_pending: true, ...body },
})
const event = (body: WireFields): IngestRecord => ({ kind: 'event', id: 'e1', body: { event_id: 'e1', ...body } })

function merged(...records: IngestRecord[]): MergedEvent {
  // Through JSON each time, as a database would.
  const [first, ...rest] = records
  return rest.reduce<MergedEvent>(
    (known, record) => mergeEvent(JSON.parse(JSON.stringify(known)), record),
    mergeEvent(undefined, first!),
  )
}

describe('mergeEvent', () => {
  it('folds the partials of an interaction into one event', () => {
    const result = merged(
      partial({
        user_id: 'u1',
        event: 'chat',
        timestamp: at(1),
        ai_data: { input: 'hi', model: 'm' },
        properties: { a: 1 },
      }),
      partial({ timestamp: at(1), properties: { b: { c: 1 } }, feature_flags: { x: 'true' } }),
      partial({ timestamp: at(1), ai_data: { output: 'hello' }, properties: { a: 2 }, is_pending: false }),
    )
    expect(result).toMatchObject({ eventId: 'e1', pending: false })
    expect(result.body).toEqual({
      event_id: 'e1',
      user_id: 'u1',
      event: 'chat',
      timestamp: at(1),
      ai_data: { input: 'hi', model: 'm', output: 'hello' },
      properties: { a: 2, b: { c: 1 } },
      feature_flags: { x: 'true' },
      is_pending: false,
    })
  })

  it('takes a partial that does not say as final', () => {
    expect(merged(partial({ is_pending: undefined })).pending).toBe(false)
  })

  it('takes an event as it is, without is_pending', () => {
    const body = { event: 'chat', user_id: 'u1', timestamp: at(1), ai_data: { input: 'hi' }, properties: { a: null } }
    expect(merged(event(body), event(body))).toMatchObject({ pending: false, body: { event_id: 'e1', ...body } })
    expect(merged(event(body)).body).not.toHaveProperty('is_pending')
  })

  it('never reopens a finished event, and lets a latecomer only fill gaps', () => {
    const final = partial({ timestamp: at(2), ai_data: { output: 'done' }, is_pending: false })
    const late = partial({ timestamp: at(9), ai_data: { output: 'don', model: 'm' }, properties: { a: 1 } })
    expect(merged(final, late)).toMatchObject({
      pending: false,
      body: { ai_data: { output: 'done', model: 'm' }, properties: { a: 1 }, is_pending: false },
    })
  })

  it('lets the later timestamp win over the later arrival', () => {
    const result = merged(
      partial({ timestamp: at(2), properties: { a: 'new' } }),
      partial({ timestamp: at(1), properties: { a: 'old' } }),
    )
    expect(result.body).toMatchObject({ timestamp: at(2), properties: { a: 'new' } })
  })

  it('lets the later arrival win where the times are equal or missing', () => {
    expect(
      merged(partial({ timestamp: at(1), event: 'a' }), partial({ timestamp: at(1), event: 'b' })).body.event,
    ).toBe('b')
    expect(merged(partial({ timestamp: at(1), event: 'a' }), partial({ event: 'b' })).body.event).toBe('b')
  })

  it('takes null for "not given", but not in properties', () => {
    const result = merged(
      partial({ ai_data: { input: 'hi' }, properties: { a: 1 }, attachments: null }),
      partial({ ai_data: { input: null }, properties: { a: null } }),
    )
    expect(result.body).toMatchObject({ ai_data: { input: 'hi' }, properties: { a: null } })
    expect(result.body).not.toHaveProperty('attachments')
  })

  it('appends attachments, each once', () => {
    const a = { type: 'text', role: 'input', value: 'a' }
    const b = { value: 'b', role: 'input', type: 'text' }
    const result = merged(
      partial({ timestamp: at(1), attachments: [a] }),
      partial({ timestamp: at(2), attachments: [b, { role: 'input', value: 'a', type: 'text' }] }),
      partial({ timestamp: at(3), attachments: [{ ...a, name: 'other' }] }),
    )
    expect(result.body.attachments).toEqual([a, b, { ...a, name: 'other' }])
  })

  it('updates an attachment that comes again under its id', () => {
    const a = { type: 'text', role: 'output', value: 'a', attachment_id: '1' }
    const b = { type: 'text', role: 'output', value: 'b', attachment_id: '2' }
    const result = merged(
      partial({ timestamp: at(1), attachments: [a, b] }),
      partial({ timestamp: at(2), attachments: [{ ...a, value: 'c' }] }),
    )
    expect(result.body.attachments).toEqual([{ ...a, value: 'c' }, b])
  })

  it('keeps a key named __proto__ as plain data', () => {
    const properties = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as WireFields
    const result = merged(partial({ properties }), partial({ properties }), partial({ properties: { b: 1 } }))
    expect(JSON.stringify(result.body.properties)).toBe('{"__proto__":{"polluted":true},"constructor":1,"b":1}')
    expect({}).not.toHaveProperty('polluted')
  })

  it('changes nothing of what it is given', () => {
    const first = Object.freeze(
      mergeEvent(undefined, partial({ attachments: [{ type: 'text', role: 'input', value: 'a' }] })),
    )
    const before = JSON.stringify(first)
    mergeEvent(first, partial({ attachments: [{ type: 'text', role: 'input', value: 'b' }], properties: { a: 1 } }))
    expect(JSON.stringify(first)).toBe(before)
  })
})

describe('mergeEvent, whatever the order and however often', () => {
  const key = fc.constantFrom('a', 'b', '__proto__')
  const attachment = fc.record(
    {
      type: fc.constant('text'),
      role: fc.constant('input'),
      value: fc.constantFrom('x', 'y'),
      attachment_id: fc.constantFrom('1', '2'),
    },
    { requiredKeys: ['type', 'role', 'value'] },
  )
  const fields = fc.record(
    {
      user_id: fc.constantFrom('u1', 'u2'),
      ai_data: fc.record({ input: fc.string(), output: fc.string(), model: fc.constant(null) }, { requiredKeys: [] }),
      // As it came over the wire: -0 does not.
      properties: fc.dictionary(
        key,
        fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      ),
      attachments: fc.array(attachment, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  /** Partials of distinct times, the last of them final. */
  const interaction = fc
    .array(fields, { minLength: 1, maxLength: 6 })
    .map((list) =>
      list.map((body, index) => partial({ ...body, timestamp: at(index), is_pending: index < list.length - 1 })),
    )
  const shuffledWithRepeats = interaction.chain((records) =>
    fc
      .array(fc.constantFrom(...records), { maxLength: 6 })
      .chain((repeats) => fc.shuffledSubarray([...records, ...repeats], { minLength: records.length + repeats.length }))
      .map((arrived) => ({ records, arrived })),
  )

  it('gives the same finished event', () => {
    fc.assert(
      fc.property(shuffledWithRepeats, ({ records, arrived }) => {
        const inOrder = merged(...records)
        expect(inOrder.pending).toBe(false)
        expect(merged(...arrived)).toEqual(inOrder)
      }),
      { numRuns: 1_000 },
    )
  })

  it('changes nothing when the record that came last comes again', () => {
    const sameTime = fc.array(fields, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(sameTime, fc.boolean(), (list, timed) => {
        const records = list.map((body) => partial(timed ? { ...body, timestamp: at(1) } : body))
        expect(merged(...records.flatMap((record) => [record, record]))).toEqual(merged(...records))
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkWireBody } from './wire-schema'
import type { IngestKind, WireFields } from './types'

const $context = { library: { name: 'raindrop-js', version: '0.1.0' }, metadata: { jsRuntime: 'node' } }
const ai_data = { input: 'hi', output: 'hello', model: 'gpt-4o', convo_id: 'c1' }
const event = {
  event_id: 'e1',
  event: 'chat',
  user_id: 'u1',
  timestamp: '2026-11-20T11:28:39.048Z',
  properties: { $context },
}
const attachment = { type: 'text', role: 'output', value: 'z', name: null, attachment_id: 'a1' }
const partial = { event_id: 'e1', ai_data: {}, is_pending: true }
const signal = { event_id: 'e1', signal_name: 'thumbs_up' }
const span = {
  traceId: '21563151d507f890e03c60ede048e600',
  spanId: '8b153676a8873231',
  name: 'search',
  startTimeUnixNano: '1795174119049000000',
  endTimeUnixNano: '1795174119054000000',
  attributes: [{ key: 'traceloop.span.kind', value: { stringValue: 'tool' } }],
}
const spans = (...list: WireFields[]) => ({
  resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans: list }] }],
})
const valued = (value: WireFields) => spans({ ...span, attributes: [...span.attributes, { key: 'n', value }] })
const at = 'resourceSpans[0].scopeSpans[0].spans[0]'

type Row = readonly [rule: string, kind: IngestKind, valid: unknown, invalid: unknown, message: string]

const rows: Row[] = [
  ['an item is an object', 'event', event, 'x', 'must be a JSON object'],
  ['an event has a name', 'event', event, { ...event, event: undefined }, 'event: is missing, expected a value'],
  ['an event name is not empty', 'event', event, { ...event, event: '' }, 'event: must not be empty'],
  ['an event has a user', 'event', event, { event: 'chat' }, 'user_id: is missing, expected a value'],
  ['a user id is not empty', 'event', event, { ...event, user_id: '' }, 'user_id: must not be empty'],
  ['a user id is text', 'event', event, { ...event, user_id: 7 }, 'user_id: expected string, received 7'],
  [
    'an event may leave its id to the server',
    'event',
    { ...event, event_id: undefined },
    { ...event, event_id: '' },
    'event_id: must not be empty',
  ],
  [
    'a timestamp is ISO 8601',
    'event',
    { ...event, timestamp: '2026-11-20T11:28:39+01:00' },
    { ...event, timestamp: 'yesterday' },
    'timestamp: must be an ISO 8601 timestamp',
  ],
  [
    'a timestamp is no number',
    'signal',
    { ...signal, timestamp: '2026-11-20' },
    { ...signal, timestamp: 1 },
    'timestamp: expected string, received 1',
  ],
  [
    'a timestamp exists',
    'event',
    event,
    { ...event, timestamp: '2026-13-45T00:00:00Z' },
    'timestamp: must be an ISO 8601 timestamp',
  ],
  [
    'properties are an object',
    'event',
    { ...event, properties: { a: [{ b: null }] } },
    { ...event, properties: [1] },
    'properties: must be an object',
  ],
  [
    'ai_data holds input or output',
    'event',
    { ...event, ai_data: { output: 'x', input: null } },
    { ...event, ai_data: { model: 'm', input: '' } },
    'ai_data: needs a non-empty input or output',
  ],
  [
    'ai_data is an object',
    'event',
    { ...event, ai_data },
    { ...event, ai_data: 'hi' },
    'ai_data: expected Object, received "hi"',
  ],
  [
    'ai_data fields are text',
    'partial',
    { ...partial, ai_data },
    { ...partial, ai_data: { output: 5 } },
    'ai_data.output: expected string, received 5',
  ],
  [
    'feature flags are texts',
    'event',
    { ...event, feature_flags: { a: 'true' } },
    { ...event, feature_flags: { a: true } },
    'feature_flags.a: expected string, received true',
  ],
  [
    'is_pending is a boolean',
    'partial',
    { ...partial, is_pending: false },
    { ...partial, is_pending: 'true' },
    'is_pending: expected boolean, received "true"',
  ],
  [
    'a partial has an event id',
    'partial',
    { event_id: 'e1' },
    { is_pending: true },
    'event_id: is missing, expected a value',
  ],
  [
    'a partial without input and output is fine, an empty user is not',
    'partial',
    { ...partial, ai_data: { model: 'm' } },
    { ...partial, user_id: '' },
    'user_id: must not be empty',
  ],
  [
    'attachments are a list or null',
    'event',
    { ...event, attachments: null },
    { ...event, attachments: {} },
    'attachments: expected Array, received Object',
  ],
  [
    'an attachment type is known',
    'event',
    { ...event, attachments: [attachment] },
    { ...event, attachments: [attachment, { ...attachment, type: 'pdf' }] },
    'attachments[1].type: expected ("code" | "text" | "image" | "iframe"), received "pdf"',
  ],
  [
    'an attachment role is known',
    'partial',
    { ...partial, attachments: [attachment] },
    { ...partial, attachments: [{ ...attachment, role: 'context' }] },
    'attachments[0].role: expected ("input" | "output"), received "context"',
  ],
  [
    'an attachment value is text',
    'event',
    { ...event, attachments: [{ ...attachment, extra: 1 }] },
    { ...event, attachments: [{ ...attachment, value: 1 }] },
    'attachments[0].value: expected string, received 1',
  ],
  ['a signal has an event id', 'signal', signal, { signal_name: 'x' }, 'event_id: is missing, expected a value'],
  ['a signal has a name', 'signal', signal, { ...signal, signal_name: '' }, 'signal_name: must not be empty'],
  [
    'a signal type is known',
    'signal',
    { ...signal, signal_type: 'agent_internal' },
    { ...signal, signal_type: 'vote' },
    'signal_type: expected ("default" | "feedback" | "edit" | "standard" | "agent" | "agent_internal"), received "vote"',
  ],
  [
    'a sentiment is known',
    'signal',
    { ...signal, sentiment: null },
    { ...signal, sentiment: 'positive' },
    'sentiment: expected ("POSITIVE" | "NEGATIVE"), received "positive"',
  ],
  [
    'a comment is a property',
    'signal',
    { ...signal, properties: { comment: 'x' } },
    { ...signal, comment: 'x' },
    'comment: belongs inside properties, send properties.comment',
  ],
  [
    'the text after an edit is a property',
    'signal',
    { ...signal, properties: { after: 'x' } },
    { ...signal, after: 'x' },
    'after: belongs inside properties, send properties.after',
  ],
  [
    'feedback comes with a comment',
    'signal',
    { ...signal, signal_type: 'feedback', properties: { comment: 'x' } },
    { ...signal, signal_type: 'feedback', properties: { comment: ' ' } },
    'properties.comment: a feedback signal needs a non-empty comment',
  ],
  [
    'an edit comes with the text after it',
    'signal',
    { ...signal, signal_type: 'edit', properties: { after: '' } },
    { ...signal, signal_type: 'edit', properties: null },
    'properties.after: an edit signal needs the text after the edit',
  ],
  ['identify has a user', 'identify', { user_id: 'u1' }, { traits: {} }, 'user_id: is missing, expected a value'],
  [
    'traits are an object',
    'identify',
    { user_id: 'u1', traits: { userName: 1 } },
    { user_id: 'u1', traits: 'x' },
    'traits: must be an object',
  ],
  [
    'an integer attribute is a decimal string',
    'spans',
    valued({ intValue: '-5' }),
    valued({ intValue: 5 }),
    `${at}.attributes[1].value.intValue: expected string, received 5`,
  ],
  [
    'an integer attribute has digits only',
    'spans',
    valued({ intValue: '5' }),
    valued({ intValue: '5.5' }),
    `${at}.attributes[1].value.intValue: must be a decimal string, as 64-bit numbers are in OTLP/JSON`,
  ],
  [
    'an integer inside a list is a decimal string',
    'spans',
    valued({ arrayValue: { values: [{ intValue: '1' }] } }),
    valued({ arrayValue: { values: [{ intValue: 1 }] } }),
    `${at}.attributes[1].value.arrayValue.values[0].intValue: expected string, received 1`,
  ],
  [
    'a trace id has 16 bytes',
    'spans',
    spans({ ...span, traceId: 'IVYxUdUH+JDgPGDt4EjmAA==' }),
    spans({ ...span, traceId: 'abc' }),
    `${at}.traceId: must be 16 bytes: 32 hex digits, or base64`,
  ],
  [
    'a span id has 8 bytes',
    'spans',
    spans({ ...span, spanId: 'ixU2dqiHMjE=' }),
    spans({ ...span, spanId: span.traceId }),
    `${at}.spanId: must be 8 bytes: 16 hex digits, or base64`,
  ],
  [
    'a parent id has 8 bytes',
    'spans',
    spans({ ...span, parentSpanId: '' }),
    spans({ ...span, parentSpanId: 'x' }),
    `${at}.parentSpanId: must be 8 bytes, as spanId`,
  ],
  [
    'a span time is a decimal string',
    'spans',
    spans(span),
    spans({ ...span, endTimeUnixNano: 1 }),
    `${at}.endTimeUnixNano: expected string, received 1`,
  ],
  ['traces hold resource spans', 'spans', { resourceSpans: [] }, {}, 'resourceSpans: is missing, expected a value'],
]

describe('checkWireBody', () => {
  it.each(rows)('%s (%s)', (_rule, kind, valid, invalid, message) => {
    expect(checkWireBody(kind, fromWire(valid))).toMatchObject({ ok: true })
    expect(checkWireBody(kind, fromWire(invalid))).toMatchObject({ ok: false, message })
  })

  it.each([
    ['event', 'userId: the wire is snake_case, send user_id', { ...event, userId: 'u1' }],
    ['event', 'userId: the wire is snake_case, send user_id', { ...event, user_id: undefined, userId: 'u1' }],
    ['event', 'aiData: the wire is snake_case, send ai_data', { ...event, aiData: {} }],
    [
      'event',
      'ai_data.convoId: the wire is snake_case, send convo_id',
      { ...event, ai_data: { ...ai_data, convoId: 'c' } },
    ],
    ['partial', 'eventId: the wire is snake_case, send event_id', { ...partial, eventId: 'e' }],
    ['partial', 'isPending: the wire is snake_case, send is_pending', { ...partial, isPending: true }],
    [
      'partial',
      'attachments[0].attachmentId: the wire is snake_case, send attachment_id',
      { ...partial, attachments: [{ ...attachment, attachmentId: 'a' }] },
    ],
    ['signal', 'signalName: the wire is snake_case, send signal_name', { ...signal, signalName: 'x' }],
    ['signal', 'signalType: the wire is snake_case, send signal_type', { ...signal, signalType: 'x' }],
    ['identify', 'userId: the wire is snake_case, send user_id', { user_id: 'u', userId: 'u' }],
  ] as const)('refuses camelCase in the %s: %s', (kind, message, body) => {
    expect(checkWireBody(kind, fromWire(body))).toMatchObject({ ok: false, message })
  })

  it('leaves the names inside properties and traits to the user', () => {
    const properties = { userId: 1, aiData: { signalName: 2 }, $context }
    expect(checkWireBody('event', { ...event, properties })).toEqual({
      ok: true,
      body: { ...event, properties },
      flags: [],
    })
    expect(checkWireBody('signal', { ...signal, properties })).toMatchObject({ ok: true, flags: [] })
    expect(checkWireBody('identify', { user_id: 'u', traits: properties })).toMatchObject({ ok: true, flags: [] })
  })

  it.each([
    ['event', 'properties.$context.library: is missing', { ...event, properties: {} }],
    ['event', 'properties.$context.library: is missing', { ...event, properties: { $context: null } }],
    ['event', 'user_id: is the text "undefined"', { ...event, user_id: 'undefined' }],
    ['partial', 'user_id: is the text "null"', { ...partial, user_id: 'null' }],
    ['identify', 'user_id: is the text "[object Object]"', { user_id: '[object Object]' }],
    ['event', 'received_at: not a field of the protocol', { ...event, received_at: 'now' }],
    ['partial', 'ai_data.tokens: not a field of the protocol', { ...partial, ai_data: { tokens: 1 } }],
    ['spans', `${at}: span "search" names no AI operation and would be dropped`, spans({ ...span, attributes: [] })],
  ] as const)('flags in the %s: %s', (kind, flag, body) => {
    expect(checkWireBody(kind, fromWire(body))).toMatchObject({ ok: true, flags: [flag] })
  })

  it.each([
    'ai.operationId',
    'traceloop.span.kind',
    'traceloop.workflow.name',
    'traceloop.association.properties.user_id',
    'traceloop.association.properties.convo_id',
    'traceloop.association.properties.event_id',
    'gen_ai.usage.input_tokens',
  ])('takes a span with %s for an AI operation', (key) => {
    expect(checkWireBody('spans', spans({ ...span, attributes: [{ key }] }))).toMatchObject({ ok: true, flags: [] })
  })

  it('names the place of a body inside its request', () => {
    const check = checkWireBody('event', { ...event, user_id: '' }, 'records[2].body')
    expect(check).toMatchObject({ ok: false, path: 'records[2].body.user_id' })
  })

  it('does not repeat a long text in its message', () => {
    const check = checkWireBody('signal', { ...signal, sentiment: 'secret'.repeat(100) })
    expect(check).toMatchObject({ ok: false, message: expect.stringMatching(/^sentiment: .{0,120}$/) })
  })

  it('never throws, whatever JSON it is given', () => {
    const kinds: IngestKind[] = ['event', 'partial', 'signal', 'identify', 'spans']
    const bodies = [event, partial, signal, valued({ intValue: '1' })]
    const broken = fc
      .constantFrom(...bodies)
      .chain((body) =>
        fc
          .tuple(fc.constantFrom(...Object.keys(body)), fc.jsonValue())
          .map(([key, value]) => ({ ...body, [key]: value })),
      )
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.oneof(fc.jsonValue(), broken), (kind, body) => {
        const check = checkWireBody(kind, body)
        expect(check.ok || check.message.startsWith(check.path)).toBe(true)
      }),
    )
  })
})

/** As it would arrive: a key without a value is no key. */
function fromWire(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body))
}

import { isObject } from './record.js'
import { fields, label, list, oneOf, text, type Shape } from './shape.js'

// OTLP/HTTP JSON (opentelemetry-proto, trace.proto), as far as the SDK's own tracing writes it.

/** Deepest nesting of attribute values. */
const MAX_DEPTH = 16

const decimal: Shape = (value) => (typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? undefined : 'malformed')
const hex =
  (digits: number): Shape =>
  (value) =>
    typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value) ? undefined : 'malformed'
const number: Shape = (value) =>
  typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(value as string) ? undefined : 'malformed'
const count: Shape = (value) => (Number.isSafeInteger(value) ? undefined : 'malformed')

function anyValue(depth: number): Shape {
  if (depth > MAX_DEPTH) return () => 'malformed'
  return (value) =>
    fields({
      stringValue: text,
      boolValue: oneOf([true, false]),
      intValue: decimal,
      doubleValue: number,
      arrayValue: fields({ values: list((item) => anyValue(depth + 1)(item)) }),
      kvlistValue: fields({ values: list((item) => attribute(depth + 1)(item)) }),
    })(value)
}

function attribute(depth: number): Shape {
  return fields({ key: label, value: anyValue(depth) }, ['key'])
}

const attributes = list(attribute(1))
const scope = fields({ name: text, version: text, attributes })
const ids = { traceId: hex(32), spanId: hex(16), traceState: text, flags: count }

const span = fields(
  {
    ...ids,
    parentSpanId: (value) => (value === '' ? undefined : hex(16)(value)),
    name: text,
    kind: count,
    startTimeUnixNano: decimal,
    endTimeUnixNano: decimal,
    attributes,
    events: list(fields({ name: text, timeUnixNano: decimal, attributes, droppedAttributesCount: count })),
    links: list(fields({ ...ids, attributes, droppedAttributesCount: count }, ['traceId', 'spanId'])),
    status: fields({ code: oneOf([0, 1, 2]), message: text }),
    droppedAttributesCount: count,
    droppedEventsCount: count,
    droppedLinksCount: count,
  },
  ['traceId', 'spanId', 'name', 'startTimeUnixNano', 'endTimeUnixNano'],
)

export const spansShape: Shape = fields(
  {
    resourceSpans: list(
      fields(
        {
          resource: fields({ attributes, droppedAttributesCount: count }),
          schemaUrl: text,
          scopeSpans: list(fields({ scope, schemaUrl: text, spans: list(span) }, ['spans'])),
        },
        ['scopeSpans'],
      ),
    ),
  },
  ['resourceSpans'],
)

/** Under which names a span says whose it is, and which event it belongs to. */
const USER = /(?:^|\.)user_?id$/i
const EVENT = /(?:^|\.)event_?id$/i

/** Every user and event that spans name, wherever in them. Of a body that has its shape. */
export function namedInSpans(body: unknown): { users: unknown[]; events: unknown[]; traceId: string } {
  const users: unknown[] = []
  const events: unknown[] = []
  let traceId = ''
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (!isObject(value)) return
    if (traceId === '' && typeof value['traceId'] === 'string') traceId = value['traceId']
    const { key, value: held } = value as { key?: unknown; value?: { stringValue?: unknown } }
    if (typeof key === 'string' && USER.test(key)) users.push(held?.stringValue)
    if (typeof key === 'string' && EVENT.test(key)) events.push(held?.stringValue)
    Object.values(value).forEach(visit)
  }
  visit(body)
  return { users, events, traceId }
}

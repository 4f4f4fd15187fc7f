import * as v from 'valibot'
import { firstIssue, joinPath, type WireIssue } from './wire-issue'
import { userData } from './wire-fields'
import type { WireFields } from './types'

const decimal = v.pipe(v.string(), v.regex(/^-?\d+$/, 'must be a decimal string, as 64-bit numbers are in OTLP/JSON'))

const anyValue: v.GenericSchema = v.looseObject({
  stringValue: v.optional(v.string()),
  boolValue: v.optional(v.boolean()),
  intValue: v.optional(decimal),
  doubleValue: v.optional(v.union([v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])])),
  arrayValue: v.optional(v.looseObject({ values: v.optional(v.array(v.lazy(() => anyValue))) })),
  kvlistValue: v.optional(v.looseObject({ values: v.optional(v.lazy(() => attributes)) })),
})

const attributes = v.array(v.looseObject({ key: v.string(), value: v.optional(anyValue) }))

const traceId = v.pipe(
  v.string(),
  v.regex(/^(?:[0-9a-f]{32}|[A-Za-z0-9+/]{22}==)$/i, 'must be 16 bytes: 32 hex digits, or base64'),
)
const spanId = v.pipe(
  v.string(),
  v.regex(/^(?:[0-9a-f]{16}|[A-Za-z0-9+/]{11}=)$/i, 'must be 8 bytes: 16 hex digits, or base64'),
)
// Exporters write an empty string for a root span.
const parentSpanId = v.pipe(
  v.string(),
  v.check((id) => id === '' || v.is(spanId, id), 'must be 8 bytes, as spanId'),
)

const span = v.looseObject({
  traceId,
  spanId,
  parentSpanId: v.nullish(parentSpanId),
  name: v.string(),
  startTimeUnixNano: decimal,
  endTimeUnixNano: decimal,
  attributes: v.optional(attributes),
  events: v.optional(v.array(v.looseObject({ attributes: v.optional(attributes) }))),
  links: v.optional(v.array(v.looseObject({ traceId, spanId, attributes: v.optional(attributes) }))),
  status: v.optional(v.looseObject({ code: v.optional(v.picklist([0, 1, 2])), message: v.optional(v.string()) })),
})

const spansSchema = v.looseObject({
  resourceSpans: v.array(
    v.looseObject({
      resource: v.optional(v.looseObject({ attributes: v.optional(attributes) })),
      scopeSpans: v.array(v.looseObject({ scope: v.optional(userData), spans: v.array(span) })),
    }),
  ),
})

export function spansIssue(body: unknown, base: string): WireIssue | undefined {
  return firstIssue(spansSchema, body, base)
}

/** Spans that the hosted service would drop silently. */
export function spansFlags(body: WireFields, base: string): string[] {
  return flatSpans(body)
    .filter(({ span: { attributes: list = [] } }) => !list.some(({ key }: { key: string }) => isAiKey(key)))
    .map(({ at, span: { name } }) => `${joinPath(base, at)}: span "${name}" names no AI operation and would be dropped`)
}

const aiKeys = new Set([
  'ai.operationId',
  'traceloop.span.kind',
  'traceloop.workflow.name',
  'traceloop.association.properties.user_id',
  'traceloop.association.properties.convo_id',
  'traceloop.association.properties.event_id',
])

function isAiKey(key: string): boolean {
  return aiKeys.has(key) || key.startsWith('gen_ai.')
}

/** Every span of a checked document with what it hangs under. */
export function flatSpans(body: WireFields) {
  return (body.resourceSpans as WireFields[]).flatMap(({ scopeSpans, ...resource }, r) =>
    (scopeSpans as WireFields[]).flatMap(({ spans, ...scope }, s) =>
      (spans as WireFields[]).map((one, i) => ({
        at: `resourceSpans[${r}].scopeSpans[${s}].spans[${i}]`,
        resource,
        scope,
        span: one,
      })),
    ),
  )
}

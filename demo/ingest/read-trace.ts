import type { Query } from './database'

export interface TraceSpan {
  spanId: string
  parentId: string | null
  name: string
  /** `tool`, `task`, `llm`, `workflow`; null where the sender gave none. */
  kind: string | null
  /** Milliseconds since 1970, with what fraction the sender gave. */
  startMs: number
  endMs: number
  error: string | null
  input: string | null
  output: string | null
  attributes: Record<string, unknown>
}

const most = 500

interface OtlpValue {
  stringValue?: string
  intValue?: string
  doubleValue?: number | string
  boolValue?: boolean
  arrayValue?: { values?: OtlpValue[] }
  kvlistValue?: { values?: OtlpAttribute[] }
}
interface OtlpAttribute {
  key: string
  value?: OtlpValue
}
interface OtlpSpan {
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes?: OtlpAttribute[]
  status?: { code?: number; message?: string }
}

/** The spans that name the event, and those of their traces that name no other: parents rarely carry an id. */
export async function readTrace(
  query: Query,
  event: { eventId: string; body: Record<string, unknown> },
): Promise<TraceSpan[]> {
  const rows = await query<{ span: OtlpSpan }>(
    `select body->'resourceSpans'->0->'scopeSpans'->0->'spans'->0 as span from spans
     where event_id = $1 or (event_id is null and trace_id = any(
       array(select distinct trace_id from spans where event_id = $1) || $2::text[]))
     limit ${most}`,
    [event.eventId, traceIds(event.body)],
  )
  return rows.map(({ span }) => traceSpan(span)).sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)
}

/** As the event itself names its trace: in hex, or in base64 where a direct shipper wrote it. */
function traceIds({ properties }: Record<string, unknown>): string[] {
  const { trace_id, $trace_id } = (properties ?? {}) as Record<string, unknown>
  return [trace_id, $trace_id].flatMap((id) =>
    typeof id !== 'string' ? [] : [id.endsWith('==') ? Buffer.from(id, 'base64').toString('hex') : id.toLowerCase()],
  )
}

function traceSpan({ spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano, ...span }: OtlpSpan): TraceSpan {
  const attributes = plain(span.attributes)
  const text = (key: string) => (attributes[key] === undefined ? null : asText(attributes[key]))
  return {
    spanId,
    parentId: parentSpanId || null,
    name,
    kind: text('traceloop.span.kind') ?? text('raindrop.span.kind'),
    startMs: milliseconds(startTimeUnixNano),
    endMs: milliseconds(endTimeUnixNano),
    error: span.status?.code === 2 ? span.status.message || text('error.message') || 'failed' : null,
    input: text('traceloop.entity.input') ?? text('ai.toolCall.args') ?? text('gen_ai.input.messages'),
    output: text('traceloop.entity.output') ?? text('ai.toolCall.result') ?? text('gen_ai.output.messages'),
    attributes,
  }
}

/** Nanoseconds since 1970 are more than a number holds exactly; the fraction is kept. */
function milliseconds(nanoseconds: string): number {
  const value = BigInt(nanoseconds)
  return Number(value / 1_000_000n) + Number(value % 1_000_000n) / 1e6
}

const plain = (attributes: readonly OtlpAttribute[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))

function plainValue(value: OtlpValue = {}): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plainValue)
  if (value.kvlistValue) return plain(value.kvlistValue.values)
  return value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue ?? null
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

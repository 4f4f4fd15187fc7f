import type { WireBody } from './types.js'

/** Seconds and nanoseconds since 1970. */
export type HrTime = readonly [seconds: number, nanoseconds: number]

interface TraceIds {
  readonly traceId: string
  readonly spanId: string
  readonly traceState?: { serialize(): string } | undefined
}

/** A span that has ended: the part of OpenTelemetry's ReadableSpan that goes over the wire, so that either kind can be written. */
export interface FinishedSpan {
  readonly name: string
  /** As in OpenTelemetry's API, which counts from 0 (internal). */
  readonly kind: number
  spanContext(): TraceIds
  readonly parentSpanContext?: { readonly spanId: string } | undefined
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: ReadonlyArray<{
    readonly name: string
    readonly time: HrTime
    readonly attributes?: Readonly<Record<string, unknown>> | undefined
    readonly droppedAttributesCount?: number | undefined
  }>
  readonly links: ReadonlyArray<{
    readonly context: TraceIds
    readonly attributes?: Readonly<Record<string, unknown>> | undefined
    readonly droppedAttributesCount?: number | undefined
  }>
  readonly status: { readonly code: number; readonly message?: string | undefined }
  readonly instrumentationScope: { readonly name: string; readonly version?: string | undefined }
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
}

/** Milliseconds since 1970, as a span counts time. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000)
  // Below a microsecond a double that counts from 1970 holds noise.
  const nanoseconds = Math.round((ms - seconds * 1_000) * 1_000) * 1_000
  return nanoseconds < 1e9 ? [seconds, nanoseconds] : [seconds + 1, 0]
}

/** Decimal, since nanoseconds since 1970 are more than a double can count. */
function nanoseconds([seconds, rest]: HrTime): string {
  return String(BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.trunc(rest)))
}

function anyValue(value: unknown): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'number':
      // 64-bit numbers are decimal strings in protobuf's JSON.
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
    default:
      return Array.isArray(value) ? { arrayValue: { values: value.map(anyValue) } } : {}
  }
}

function keyValues(attributes: Readonly<Record<string, unknown>> = {}): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function spanBody(span: FinishedSpan): object {
  const { traceId, spanId, traceState } = span.spanContext()
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    traceState: traceState?.serialize(),
    name: span.name,
    // OTLP keeps 0 for "unspecified".
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(({ name, time, attributes, droppedAttributesCount = 0 }) => ({
      attributes: keyValues(attributes),
      name,
      timeUnixNano: nanoseconds(time),
      droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    status: { code: span.status.code, message: span.status.message },
    links: span.links.map(({ context, attributes, droppedAttributesCount = 0 }) => ({
      attributes: keyValues(attributes),
      spanId: context.spanId,
      traceId: context.traceId,
      traceState: context.traceState?.serialize(),
      droppedAttributesCount,
    })),
    droppedLinksCount: span.droppedLinksCount,
  }
}

/** An ExportTraceServiceRequest of one span. The resource says what the service is called, and nothing of the machine it runs on. */
export function otlpBody(span: FinishedSpan, serviceName: string): WireBody {
  const { name, version } = span.instrumentationScope
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues({ 'service.name': serviceName }), droppedAttributesCount: 0 },
        scopeSpans: [{ scope: { name, version }, spans: [spanBody(span)] }],
      },
    ],
  }
}

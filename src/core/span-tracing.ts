import { hrTime, otlpBody } from './otlp.js'
import type { Frame, SpanCall, SpanOwner, Tracing, TracingHost } from './ports.js'
import { capText, MAX_TEXT_CHARS } from './size.js'
import { createSpanIds } from './span-ids.js'
import { watchResult } from './span-result.js'
import { nameOf, RecordedSpan, type OutsideSpan, type SpanStart, type WholeIds } from './span.js'
import { currentOf, spanOf, TRACING_DOOR, type TracingDoor } from './tracing.js'

/** A tracer outside, e.g. OpenTelemetry's. */
export interface OutsideTracer {
  /** Undefined: the span goes to the queue without it. */
  start(start: SpanStart): OutsideSpan | undefined
  quietly<T>(request: () => T): T
}

export interface SpanTracingOptions {
  readonly serviceName?: string | undefined
  readonly maxContentChars?: number | undefined
  readonly outside?: OutsideTracer | undefined
}

/** The clock tells whole milliseconds. */
const CLOCK_TOLERANCE_MS = 5

/** Records spans on the client's own queue, with or without a tracer outside. */
export function createSpanTracing(host: TracingHost, options: SpanTracingOptions = {}): Tracing {
  const { contexts, clock } = host
  const { serviceName = 'raindrop-js', maxContentChars = MAX_TEXT_CHARS, outside } = options
  const newIds = createSpanIds()
  const cap = (text: string): string => capText(text, maxContentChars)
  const elapsed = (): number => clock.elapsed()
  let offset = Number.NaN

  /** Milliseconds since 1970 and fractions of them, so that a span never sticks out of the one around it. */
  function wallTime(elapsedMs: number): number {
    const now = clock.now()
    // Set again where the clock was, or the machine slept.
    if (!(Math.abs(offset + elapsedMs - now) <= CLOCK_TOLERANCE_MS)) offset = now - elapsedMs
    return offset + elapsedMs
  }

  function finished(span: RecordedSpan, size: number, twin: OutsideSpan | undefined): void {
    if (twin?.end(span.read())) return
    host.record({ traceId: span.traceId, size, body: () => otlpBody(span.read(), serviceName) })
  }

  function begin(call: SpanCall, given?: number): { span: RecordedSpan; ids: WholeIds; twin: OutsideSpan | undefined } {
    const startedElapsed = clock.elapsed()
    const startedAt = given ?? wallTime(startedElapsed)
    const frame = contexts.get()
    const owner = call.own ?? currentOf<SpanOwner>(contexts)
    const active = spanOf(frame)
    const joined = owner?.trace
    // An interaction stays in one trace, also where it is used inside a span of another.
    const near = active && (!joined || joined.traceId === active.traceId) ? active : joined
    const parent = near?.spanId === undefined ? undefined : (near as WholeIds)
    const wanted = { traceId: near?.traceId ?? newIds.traceId(), spanId: newIds.spanId() }
    const twin = outside?.start({
      name: nameOf(call),
      kind: call.kind,
      ids: wanted,
      parent,
      joined: near !== undefined,
      startTime: hrTime(startedAt),
    })
    const ids = twin?.ids ?? wanted
    owner?.joinTrace({ traceId: ids.traceId })
    const span = new RecordedSpan({
      call,
      ids,
      parent,
      startedAt,
      startedElapsed,
      elapsed,
      cap,
      finished: (ended, size) => finished(ended, size, twin),
    })
    span.frame = frame as Frame<SpanOwner> | undefined
    return { span, ids, twin }
  }

  return {
    run(call, fn) {
      const { span, ids, twin } = begin(call)
      const frame: Frame<SpanOwner> = { parent: span.frame, current: call.own, span: ids }
      span.frame = frame
      const enter = <R>(step: () => R): R => contexts.run(frame, twin ? () => twin.run(step) : step)
      return watchResult(() => fn(span), { span, enter, maxChars: maxContentChars })
    },
    start: (call) => begin(call).span,
    record(toolCall, own) {
      const { name, input, output, durationMs, startTime, error, properties } = toolCall
      const now = clock.now()
      const given = startTime instanceof Date ? startTime.getTime() : Number.NaN
      const startedAt = Number.isNaN(given) ? now - duration(durationMs, 0) : given
      const { span } = begin({ kind: 'tool', name, own, options: properties ? { properties } : undefined }, startedAt)
      if (input !== undefined) span.recordInput(input)
      if (output !== undefined) span.recordOutput(output)
      span.end({ error, durationMs: duration(durationMs, now - startedAt) })
    },
    quietly: (request) => (outside ? outside.quietly(request) : request()),
  }
}

/** Milliseconds that a caller measured, where that is what was passed. */
function duration(given: unknown, otherwise: number): number {
  return typeof given === 'number' && Number.isFinite(given) && given >= 0 ? given : Math.max(0, otherwise)
}

/** What records the spans of a client: its plug-in, or else the queue alone. For the integrations of this package. */
export function tracingOf(client: object): Tracing {
  const { host, tracing } = (client as { readonly [TRACING_DOOR]: TracingDoor })[TRACING_DOOR]
  return tracing ?? createSpanTracing(host)
}

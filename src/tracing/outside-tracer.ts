import type * as OpenTelemetryApi from '@opentelemetry/api'
import type { Attributes, Context, Span, Tracer, TracerProvider } from '@opentelemetry/api'
import type { FinishedSpan } from '../core/otlp.js'
import type { OutsideSpan, SpanStart, WholeIds } from '../core/span.js'
import type { OutsideTracer } from '../core/span-tracing.js'
import { VERSION } from '../core/version.js'

export type Api = Pick<typeof OpenTelemetryApi, 'context' | 'createContextKey' | 'ROOT_CONTEXT' | 'trace'>

export interface OutsideTracerOptions {
  readonly api: Api
  readonly provider: TracerProvider
  /** `private`: nobody else makes spans there. `registered`: others do, on ours. `host`: the app's own, which exports by itself. */
  readonly role: 'private' | 'registered' | 'host'
  readonly bypassForTools: boolean
  /** The ids of the span that is started in `start`. */
  readonly withIds: <T>(ids: WholeIds, start: () => T) => T
}

/** Spans in OpenTelemetry, each beside the one that core records. */
export function createOutsideTracer(options: OutsideTracerOptions): OutsideTracer {
  const { api, provider, role, bypassForTools, withIds } = options
  const { context, trace } = api
  let tracer: Tracer | undefined
  // The key of @opentelemetry/core; keys of one name are one key.
  const suppressTracing = api.createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

  const under = (base: Context, { traceId, spanId }: WholeIds): Context =>
    trace.setSpanContext(base, { traceId, spanId, traceFlags: 1, isRemote: true })

  /** Explicit: what happens to be active is no parent of ours, unless it is in the same trace. */
  function parentContext({ parent, ids, joined }: SpanStart): Context {
    if (role === 'private') return parent ? under(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT
    const active = context.active()
    if (trace.getSpanContext(active)?.traceId === ids.traceId) return active
    if (parent) return under(active, parent)
    if (role === 'registered') return trace.deleteSpan(active)
    // A provider that is not ours makes its own trace ids: only a parent can keep it in the interaction's trace.
    return joined ? under(active, ids) : active
  }

  function outsideSpan(span: Span, ids: WholeIds): OutsideSpan {
    return {
      ids,
      run: (fn) => (role === 'private' ? fn() : context.with(trace.setSpan(context.active(), span), fn)),
      end: (finished) => complete(span, finished) && role !== 'host',
    }
  }

  /** A tool that goes past the SDK, and still is the parent of what others record inside it. */
  function bypassed(ids: WholeIds): OutsideSpan | undefined {
    if (role !== 'registered') return undefined
    return { ids, run: (fn) => context.with(under(context.active(), ids), fn), end: () => false }
  }

  return {
    start(start) {
      if (start.kind === 'tool' && bypassForTools) return bypassed(start.ids)
      try {
        const startTime: [number, number] = [...start.startTime]
        const made = (tracer ??= provider.getTracer('raindrop-js', VERSION))
        const span = withIds(start.ids, () => made.startSpan(start.name, { startTime }, parentContext(start)))
        const { traceId, spanId } = span.spanContext()
        return /^0*$/.test(traceId) ? undefined : outsideSpan(span, { traceId, spanId })
      } catch {
        // A provider that breaks must not cost the span, nor the app.
        return undefined
      }
    },
    quietly: (request) => context.with(context.active().setValue(suppressTracing, true), request),
  }
}

/** True where the span was recorded. */
function complete(span: Span, { attributes, events, status, endTime }: FinishedSpan): boolean {
  let recorded = false
  try {
    recorded = span.isRecording()
    span.setAttributes(attributes as Attributes)
    for (const event of events) span.addEvent(event.name, event.attributes as Attributes, [...event.time])
    span.setStatus(status)
    span.end([...endTime])
  } catch {
    // As above: core writes the span where the provider did not.
  }
  return recorded
}

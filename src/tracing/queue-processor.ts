import type { Context } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { otlpBody } from '../core/otlp.js'
import type { SpanOwner, TracingHost } from '../core/ports.js'
import { associate } from '../core/span-attributes.js'
import { currentOf } from '../core/tracing.js'

/** Characters that a span holds besides its texts, about. */
const BASE_SIZE = 1_600
/** What the receiver looks for in a span; it drops the others. */
const AI_SPAN = /^(gen_ai|ai|traceloop)\./

const nothingLeft = () => Promise.resolve()

/** Hands what an OpenTelemetry provider ends to the client's own queue, one record each: nothing waits here that could be lost. */
export function createQueueProcessor(host: TracingHost, serviceName: string, isOurs: () => boolean): SpanProcessor {
  return {
    /** Only with `registerGlobally` there are others: what runs inside an interaction is told which. */
    onStart(span: Span, _context: Context) {
      const owner = isOurs() ? undefined : currentOf<SpanOwner>(host.contexts)
      if (owner) span.setAttributes(associate({}, owner))
    },
    onEnd(span: ReadableSpan) {
      if (!Object.keys(span.attributes).some((key) => AI_SPAN.test(key))) return
      let size = BASE_SIZE
      for (const value of Object.values(span.attributes)) size += typeof value === 'string' ? value.length : 0
      host.record({ traceId: span.spanContext().traceId, size, body: () => otlpBody(span, serviceName) })
    },
    forceFlush: nothingLeft,
    shutdown: nothingLeft,
  }
}

import type { Context } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { otlpBody, type FinishedSpan } from '../core/otlp.js'
import type { SpanOwner, TracingHost } from '../core/ports.js'
import { associationAttributes } from '../core/span-attributes.js'
import { currentOf } from '../core/tracing.js'

/** Characters that a span of somebody else holds, about: it is not worth counting. */
const SIZE = 2_000
/** What the receiver looks for in a span; it drops the others. */
const AI_SPAN = /^(gen_ai\.|ai\.operationId$|traceloop\.(span\.kind|workflow\.name)$|traceloop\.association\.properties\.(user|convo|event)_id$)/

/** Hands what an OpenTelemetry provider ends to the client's own queue, one record each: nothing waits here that could be lost. */
export function createQueueProcessor(host: TracingHost, serviceName: string, isOurs: () => boolean): SpanProcessor {
  return {
    /** Only with `registerGlobally` there are others: what runs inside an interaction is told which. */
    onStart(span: Span, _context: Context) {
      const owner = isOurs() ? undefined : currentOf<SpanOwner>(host.contexts)
      if (owner) span.setAttributes(associationAttributes(owner))
    },
    onEnd(span: ReadableSpan) {
      if (!Object.keys(span.attributes).some((key) => AI_SPAN.test(key))) return
      const finished: FinishedSpan = span
      const { traceId } = span.spanContext()
      host.record({ traceId, size: SIZE + contentSize(span.attributes), body: () => otlpBody(finished, serviceName) })
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  }
}

function contentSize(attributes: Readonly<Record<string, unknown>>): number {
  let chars = 0
  for (const key in attributes) {
    const value = attributes[key]
    if (typeof value === 'string') chars += value.length
  }
  return chars
}

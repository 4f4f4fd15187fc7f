import { context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AlwaysOnSampler, BasicTracerProvider, StackContextManager } from '@opentelemetry/sdk-trace-web'
import type { TracingPlugin } from '../core/types.js'
import { tracingPlugin, type TracingOptions } from './create-tracing.js'

export type { TracingOptions } from './create-tracing.js'
export { traceFetch, type TraceFetchOptions } from './trace-fetch.js'

/**
 * Records interactions, tasks and tools as OpenTelemetry spans, in browsers and on edges. A browser loses the context at the first
 * `await`: call `interaction.withTool`, `interaction.startSpan` or `interaction.run` there, which know where they belong.
 * @example
 * const raindrop = new Raindrop({ relay: '/api/raindrop', tracing: createTracing() })
 */
export function createTracing(options: TracingOptions = {}): TracingPlugin {
  return tracingPlugin(options, {
    api: { context, createContextKey, ROOT_CONTEXT, trace },
    AlwaysOnSampler,
    // Not WebTracerProvider: its propagators weigh 2 kB, and toHeaders() is ours.
    createProvider: (config) => new BasicTracerProvider(config),
    register(provider) {
      trace.setGlobalTracerProvider(provider)
      context.setGlobalContextManager(new StackContextManager().enable())
    },
  })
}

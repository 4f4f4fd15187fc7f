/**
 * Interactions, tasks and tools as OpenTelemetry spans. OpenTelemetry is an optional peer, loaded by `createTracing()` and not by the import.
 *
 * @packageDocumentation
 */
import { createRequire } from 'node:module'
import type * as OpenTelemetryApi from '@opentelemetry/api'
import type * as SdkTraceBase from '@opentelemetry/sdk-trace-base'
import type * as SdkTraceNode from '@opentelemetry/sdk-trace-node'
import { RaindropError } from '../core/errors.js'
import type { TracingPlugin } from '../core/types.js'
import { contentLimit } from './content-limit.js'
import { tracingPlugin, type OpenTelemetry, type TracingOptions } from './create-tracing.js'

export type { TracingOptions } from './create-tracing.js'
export { traceFetch, type TraceFetchOptions } from './trace-fetch.js'

const INSTALL =
  'npm install @opentelemetry/api@~1.9.1 @opentelemetry/sdk-trace-base@^2.12.0 @opentelemetry/sdk-trace-node@^2.12.0'

/** Loaded when asked for: they are optional, and importing this entry must do nothing. */
function loadOpenTelemetry(): OpenTelemetry {
  const load = createRequire(import.meta.url)
  try {
    const api = load('@opentelemetry/api') as typeof OpenTelemetryApi
    const base = load('@opentelemetry/sdk-trace-base') as typeof SdkTraceBase
    return {
      api,
      AlwaysOnSampler: base.AlwaysOnSampler,
      createProvider: (config) => new base.BasicTracerProvider(config),
      register(provider) {
        // Only here: dd-trace swaps this class, and a private provider must not be Datadog's.
        const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node') as typeof SdkTraceNode
        NodeTracerProvider.prototype.register.call(provider)
      },
    }
  } catch (cause) {
    throw new RaindropError(
      'tracing',
      `createTracing needs OpenTelemetry, which is not installed. Run: ${INSTALL}`,
      cause,
    )
  }
}

/**
 * Records interactions, tasks and tools as OpenTelemetry spans, on a provider of their own: Sentry, Datadog or @vercel/otel beside it are
 * not touched. Spans travel on the client's queue, so they are kept and retried like events. Throws a RaindropError (`tracing`) that says
 * what to install where OpenTelemetry is missing.
 * @example
 * const raindrop = new Raindrop({ tracing: createTracing() })
 * const search = raindrop.tool('search')(async (query: string) => [`about ${query}`])
 */
export function createTracing(options: TracingOptions = {}): TracingPlugin {
  return tracingPlugin(options, loadOpenTelemetry(), contentLimit(process.env))
}

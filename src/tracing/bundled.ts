import * as api from '@opentelemetry/api'
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { TracingPlugin } from '../core/types.js'
import { contentLimit } from './content-limit.js'
import { tracingPlugin, type OpenTelemetry, type TracingOptions } from './create-tracing.js'

export type { TracingOptions } from './create-tracing.js'
export { traceFetch, type TraceFetchOptions } from './trace-fetch.js'

/** As in node.ts, for what a bundler packs: there OpenTelemetry has to be in the bundle, so it is imported where the bundler sees it. */
export function createTracing(options: TracingOptions = {}): TracingPlugin {
  const otel: OpenTelemetry = {
    api,
    AlwaysOnSampler,
    createProvider: (config) => new BasicTracerProvider(config),
    register: (provider) => NodeTracerProvider.prototype.register.call(provider),
  }
  return tracingPlugin(options, otel, contentLimit(process.env))
}

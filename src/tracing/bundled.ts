import * as api from '@opentelemetry/api'
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { TracingPlugin } from '../core/types.js'
import { contentLimit } from './content-limit.js'
import { tracingPlugin, type TracingOptions } from './create-tracing.js'

export type { TracingOptions } from './create-tracing.js'
export { traceFetch, type TraceFetchOptions } from './trace-fetch.js'

/** As in node.ts, for what a bundler packs: there OpenTelemetry has to be in the bundle, so it is imported where the bundler sees it. */
export function createTracing(options: TracingOptions = {}): TracingPlugin {
  const createProvider = (config: ConstructorParameters<typeof NodeTracerProvider>[0]) => new NodeTracerProvider(config)
  return tracingPlugin(options, { api, AlwaysOnSampler, createProvider }, contentLimit(process.env))
}

import type { TracerProvider } from '@opentelemetry/api'
import type { AlwaysOnSampler, IdGenerator, SpanProcessor, TracerConfig } from '@opentelemetry/sdk-trace-base'
import { RaindropError } from '../core/errors.js'
import type { ConnectedPlugin, TracingHost } from '../core/ports.js'
import { createSpanIds } from '../core/span-ids.js'
import { MAX_TEXT_CHARS } from '../core/size.js'
import type { WholeIds } from '../core/span.js'
import { createSpanTracing } from '../core/span-tracing.js'
import type { TracingPlugin } from '../core/types.js'
import { createOutsideTracer, type Api, type OutsideTracerOptions } from './outside-tracer.js'
import { createQueueProcessor } from './queue-processor.js'

/** Options of {@link createTracing}. */
export interface TracingOptions {
  /** Use the app's provider instead of a private one: our spans show up in its traces too. */
  provider?: TracerProvider
  /** Make the private provider the one of the process, so that other libraries' spans inside an interaction are recorded as well. Default false. */
  registerGlobally?: boolean
  /** Tool spans skip the OpenTelemetry SDK and go straight to the queue, with the same ids and parents. Default true. */
  bypassOtelForTools?: boolean
  /** `service.name` of the spans. Default `raindrop-js`. */
  serviceName?: string
  /** Longest recorded input or output, in characters. Default 1_000_000. */
  maxContentChars?: number
}

/** What a platform's file brings. */
export interface OpenTelemetry {
  readonly api: Api
  readonly createProvider: (config: TracerConfig) => TracerProvider
  /** Makes it the process's own, with what follows the context there. */
  readonly register: (provider: TracerProvider) => void
  readonly AlwaysOnSampler: typeof AlwaysOnSampler
}

/** More than the SDK's default allows: each property is one. */
const MAX_ATTRIBUTES = 1_024

/** The plug-in over what the platform has. `maxContentChars`: the limit of the environment. */
export function tracingPlugin(options: TracingOptions, otel: OpenTelemetry, maxContentChars?: number): TracingPlugin {
  check(options)
  const { serviceName = 'raindrop-js', bypassOtelForTools = true } = options
  const most = Math.min(options.maxContentChars ?? MAX_TEXT_CHARS, maxContentChars ?? MAX_TEXT_CHARS)
  const plugin: ConnectedPlugin = {
    name: 'opentelemetry',
    connect: (host) =>
      createSpanTracing(host, {
        serviceName,
        maxContentChars: most,
        outside: createOutsideTracer({
          api: otel.api,
          bypassForTools: bypassOtelForTools,
          ...openProvider(host, options, otel, serviceName),
        }),
      }),
  }
  return plugin
}

function check({ provider, maxContentChars = 1 }: TracingOptions): void {
  const problem =
    provider && typeof provider.getTracer !== 'function'
      ? 'provider must be a TracerProvider'
      : Number.isInteger(maxContentChars) && maxContentChars > 0
        ? undefined
        : `maxContentChars must be a whole number over 0, got ${maxContentChars}`
  if (problem) throw new RaindropError('invalid_options', `createTracing: ${problem}.`)
}

type Opened = Pick<OutsideTracerOptions, 'provider' | 'role' | 'withIds'>

/** A provider for each client: what two of them record must not meet. */
function openProvider(host: TracingHost, options: TracingOptions, otel: OpenTelemetry, serviceName: string): Opened {
  if (options.provider) return { provider: options.provider, role: 'host', withIds: (_ids, start) => start() }
  const newIds = createSpanIds()
  let wanted: WholeIds | undefined
  const idGenerator: IdGenerator = {
    generateTraceId: () => wanted?.traceId ?? newIds.traceId(),
    generateSpanId: () => wanted?.spanId ?? newIds.spanId(),
  }
  const processor: SpanProcessor = createQueueProcessor(host, serviceName, () => wanted !== undefined)
  const provider = otel.createProvider({
    // A parent elsewhere that was not sampled must not cost our spans.
    sampler: new otel.AlwaysOnSampler(),
    spanProcessors: [processor],
    spanLimits: { attributeCountLimit: MAX_ATTRIBUTES },
    idGenerator,
  })
  return {
    provider,
    role: options.registerGlobally && register(host, provider, otel) ? 'registered' : 'private',
    withIds(ids, start) {
      wanted = ids
      try {
        return start()
      } finally {
        wanted = undefined
      }
    },
  }
}

/** OpenTelemetry keeps the first provider and ignores the others without a word to the caller. */
function register(host: TracingHost, provider: TracerProvider, otel: OpenTelemetry): boolean {
  otel.register(provider)
  const global = otel.api.trace.getTracerProvider() as TracerProvider & { getDelegate?(): unknown }
  if ((global.getDelegate?.() ?? global) === provider) return true
  host.problem(
    'createTracing: another provider is registered already; ours stays private. To share it pass it as provider.',
  )
  return false
}

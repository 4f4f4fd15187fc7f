import type {
  ConnectedPlugin,
  ContextStore,
  Frame,
  SpanCall,
  SpanIds,
  SpanOwner,
  Tracing,
  TracingHost,
  Transport,
} from './ports.js'
import type { FunctionWrapper, ManualSpan, Properties, SpanOptions, TracingPlugin, WithSpan } from './types.js'

/** What a frame carries: the interaction that runs in it. */
export interface Current {
  readonly id: string
}

/** The innermost interaction of this call chain. */
export function currentOf<T extends Current>(contexts: Pick<ContextStore, 'get'>): T | undefined {
  for (let frame = contexts.get(); frame; frame = frame.parent) if (frame.current) return frame.current as T
  return undefined
}

/** The innermost span of this call chain. */
export function spanOf(frame: Frame | undefined): SpanIds | undefined {
  for (let at = frame; at; at = at.parent) if (at.span) return at.span
  return undefined
}

/** Undefined without a plug-in: every call then runs its function and records nothing. */
export function connectTracing(plugin: TracingPlugin | undefined, host: TracingHost): Tracing | undefined {
  return plugin && 'connect' in plugin ? (plugin as ConnectedPlugin).connect(host) : undefined
}

/** The SDK's own requests are no part of the app: no tracer shall see them. */
export function quiet(transport: Transport, tracing: Tracing | undefined): Transport {
  if (!tracing) return transport
  const { farewell } = transport
  return {
    send: (request, timeoutMs) => tracing.quietly(() => transport.send(request, timeoutMs)),
    abort: () => transport.abort(),
    ...(farewell && {
      farewell: {
        room: farewell.room,
        send: (request, timeoutMs, first) => tracing.quietly(() => farewell.send(request, timeoutMs, first)),
      },
    }),
  }
}

/** Runs `fn` in a frame of its own. */
export function runInFrame<T>(contexts: ContextStore, current: Current | undefined, fn: () => T): T {
  const frame: Frame = { parent: contexts.get(), current }
  const result = contexts.run(frame, fn)
  try {
    return isGenerator(result) ? resumedInFrame(result, (step) => contexts.run(frame, step)) : result
  } catch {
    // Frozen, or not to be looked at: it stays as it is.
    return result
  }
}

type Generator = Record<'next' | 'return' | 'throw', ((value: unknown) => unknown) | undefined>

export function isGenerator<T>(result: T): result is T & Generator {
  if (typeof result !== 'object' || typeof (result as Partial<Generator> | null)?.next !== 'function') return false
  return Symbol.iterator in result! || Symbol.asyncIterator in result!
}

/** A generator runs later than the call that made it: each of its steps enters the frame again. Throws where it is frozen. */
export function resumedInFrame<T extends Generator>(generator: T, enter: (step: () => unknown) => unknown): T {
  for (const step of ['next', 'return', 'throw'] as const) {
    const original = generator[step]
    if (original) generator[step] = (value) => enter(() => original.call(generator, value))
  }
  return generator
}

/** `Symbol.dispose`, also where the runtime is older than it: TypeScript's `using` looks for the same. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose)

/** Where the integrations of this package find what records spans, also in another copy of it. */
export const TRACING_DOOR: unique symbol = Symbol.for('raindrop-js.tracing')

/** What stands behind {@link TRACING_DOOR} of a client. */
export interface TracingDoor {
  readonly host: TracingHost
  readonly tracing: Tracing | undefined
}

/** A span that records nothing. */
class SilentSpan implements ManualSpan {
  readonly traceId = undefined
  readonly eventId: string | undefined

  constructor(eventId: string | undefined) {
    this.eventId = eventId
  }

  recordInput(_data: unknown): this {
    return this
  }
  recordOutput(_data: unknown): this {
    return this
  }
  setProperties(_properties: Properties): this {
    return this
  }
  end(): void {
    // There is nothing to end.
  }
  [DISPOSE](): void {
    // There is nothing to end.
  }
}

/** What makes spans, or frames only. */
export interface Tracer {
  readonly contexts: ContextStore
  readonly tracing: Tracing | undefined
}

/** `startSpan`. */
export function startSpan({ contexts, tracing }: Tracer, call: SpanCall): ManualSpan {
  return tracing ? tracing.start(call) : new SilentSpan(call.own?.id ?? currentOf(contexts)?.id)
}

/** `withTask` and `withTool`: their options stand in the middle and may be left out. `own`: the interaction whose method it is. */
export function createWithSpan({ contexts, tracing }: Tracer, kind: 'task' | 'tool', own?: SpanOwner): WithSpan {
  return <T>(name: string, ...rest: [SpanOptions, (span: ManualSpan) => T] | [(span: ManualSpan) => T]): T => {
    const fn = rest[rest.length - 1] as (span: ManualSpan) => T
    // Nothing to run: a mistake of the caller's that the compiler sees, and that must not throw where there is none.
    if (typeof fn !== 'function') return undefined as T
    if (tracing) return tracing.run({ kind, name, options: rest[1] && (rest[0] as SpanOptions), own }, fn)
    return runInFrame(contexts, own, () => fn(new SilentSpan(currentOf(contexts)?.id)))
  }
}

/** `interaction`, `task` and `tool`: a function like the one that was given, each call of which runs in a frame of its own. */
export function createWrapper({ contexts, tracing }: Tracer, call: SpanCall): FunctionWrapper {
  return <F extends (...args: any[]) => any>(fn: F): F => {
    const wrapped = function (this: unknown, ...args: Parameters<F>): ReturnType<F> {
      const run = (): ReturnType<F> => fn.apply(this, args) as ReturnType<F>
      return tracing ? tracing.run({ ...call, args }, run) : runInFrame(contexts, undefined, run)
    }
    Object.defineProperties(wrapped, {
      name: { value: fn.name, configurable: true },
      length: { value: fn.length, configurable: true },
    })
    return wrapped as F
  }
}

import type { ContextStore, Frame } from './ports.js'
import type { FunctionWrapper, ManualSpan, Properties, SpanOptions, WithSpan } from './types.js'

/** What a frame carries: the interaction that runs in it. */
export interface Current {
  readonly id: string
}

/** The innermost interaction of this call chain. */
export function currentOf<T extends Current>(contexts: ContextStore): T | undefined {
  for (let frame = contexts.get(); frame; frame = frame.parent) if (frame.current) return frame.current as T
  return undefined
}

/** Runs `fn` in a frame of its own. */
export function runInFrame<T>(contexts: ContextStore, current: Current | undefined, fn: () => T): T {
  const frame: Frame = { parent: contexts.get(), current }
  return resumedInFrame(contexts, frame, contexts.run(frame, fn))
}

/** A generator runs later than the call that made it: each of its steps enters the frame again. */
function resumedInFrame<T>(contexts: ContextStore, frame: Frame, result: T): T {
  if (typeof result !== 'object' || result === null || !('next' in result) || typeof result.next !== 'function')
    return result
  if (!(Symbol.iterator in result) && !(Symbol.asyncIterator in result)) return result
  const generator = result as unknown as Record<'next' | 'return' | 'throw', ((value: unknown) => unknown) | undefined>
  for (const step of ['next', 'return', 'throw'] as const) {
    const original = generator[step]
    if (original) generator[step] = (value) => contexts.run(frame, () => original.call(generator, value))
  }
  return result
}

/** `Symbol.dispose`, also where the runtime is older than it: TypeScript's `using` looks for the same. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose)

/** A span that records nothing. */
export function silentSpan(eventId: string | undefined): ManualSpan {
  const span: ManualSpan = {
    eventId,
    traceId: undefined,
    recordInput: (_data: unknown) => span,
    recordOutput: (_data: unknown) => span,
    setProperties: (_properties: Properties) => span,
    end: () => undefined,
    [DISPOSE]: () => undefined,
  }
  return span
}

/** `withTask` and `withTool`: their options stand in the middle and may be left out. `own`: the interaction whose method it is. */
export function createWithSpan(contexts: ContextStore, own?: Current): WithSpan {
  return <T>(_name: string, ...rest: [SpanOptions, (span: ManualSpan) => T] | [(span: ManualSpan) => T]): T => {
    const fn = rest[rest.length - 1] as (span: ManualSpan) => T
    // Nothing to run: a mistake of the caller's that the compiler sees, and that must not throw where there is none.
    if (typeof fn !== 'function') return undefined as T
    return runInFrame(contexts, own, () => fn(silentSpan(currentOf(contexts)?.id)))
  }
}

/** `interaction`, `task` and `tool`: a function like the one that was given, each call of which runs in a frame of its own. */
export function createWrapper(contexts: ContextStore): FunctionWrapper {
  return <F extends (...args: any[]) => any>(fn: F): F => {
    const wrapped = function (this: unknown, ...args: Parameters<F>): ReturnType<F> {
      return runInFrame(contexts, undefined, () => fn.apply(this, args) as ReturnType<F>)
    }
    Object.defineProperties(wrapped, {
      name: { value: fn.name, configurable: true },
      length: { value: fn.length, configurable: true },
    })
    return wrapped as F
  }
}

import type { RecordedSpan } from './span.js'
import { isGenerator, resumedInFrame } from './tracing.js'
import type { Json } from './types.js'
import { toJson, type Tally } from './values.js'

interface Watch {
  readonly span: RecordedSpan
  /** Runs a part of the span's function in its frame. */
  enter<R>(step: () => R): R
  readonly maxChars: number
}

/** Runs `fn` and ends the span with what it gives: now, when the promise settles, or when the generator is done. */
export function watchResult<T>(fn: () => T, watch: Watch): T {
  const { span } = watch
  let result: T
  try {
    result = watch.enter(fn)
  } catch (error) {
    return failing(span)(error)
  }
  try {
    if (isGenerator(result)) return watchGenerator(result, watch)
    if (isThenable(result)) return watchThenable(result, span)
    span.endWith(result)
  } catch {
    // Frozen, or not to be looked at: it cannot be watched, so the span ends here.
    span.end()
  }
  return result
}

/** Ends the span with what was thrown, and throws it. */
const failing =
  (span: RecordedSpan) =>
  (error: unknown): never => {
    span.end({ error: error ?? String(error) })
    throw error
  }

type Then = (done?: ((value: unknown) => unknown) | null, failed?: ((error: unknown) => unknown) | null) => unknown

function isThenable(result: unknown): result is { then: Then } {
  return typeof (result as { then?: unknown } | null | undefined)?.then === 'function'
}

/** The caller gets a promise that settles as the first one did, after the span has ended. */
function watchThenable<T extends { then: Then }>(result: T, span: RecordedSpan): T {
  const settled = (value: unknown): unknown => {
    span.endWith(value)
    return value
  }
  const failed = failing(span)
  if (Object.getPrototypeOf(result) === Promise.prototype) {
    // No symbols: Node keeps some of its own on promises.
    if (!Object.keys(result)[0]) return result.then(settled, failed) as T
    // It has methods of its own, and `await` does not call a `then` that is put on it: watched on the side.
    result.then(settled, (error) => span.end({ error: error ?? String(error) }))
    return result
  }
  // A promise with methods of its own (of an API client), or a query that runs when it is awaited: it has to stay what it is, and its
  // `then` is called by whoever awaits it, not by us.
  const then = result.then
  // oxlint-disable-next-line unicorn/no-thenable -- it is one already
  Object.defineProperty(result, 'then', {
    configurable: true,
    writable: true,
    value: ((onDone, onFailed) => {
      const watched = then.call(result, settled, failed) as { then: Then }
      return watched.then(onDone, onFailed)
    }) satisfies Then,
  })
  return result
}

function watchGenerator<T extends Parameters<typeof resumedInFrame>[0]>(
  generator: T,
  { span, enter, maxChars }: Watch,
): T {
  const yielded: Json[] = []
  const tally: Tally = { chars: 0 }

  const step = (outcome: unknown): unknown => {
    const { done, value } = outcome as IteratorResult<unknown>
    if (!done) {
      if (tally.chars < maxChars) yielded.push(toJson(value, tally) ?? null)
    } else if (yielded.length > 0) span.endWith(yielded)
    else span.endWith(value)
    return outcome
  }
  const failed = failing(span)
  return resumedInFrame(generator, (run) => {
    let outcome: unknown
    try {
      outcome = enter(run)
    } catch (error) {
      return failed(error)
    }
    return isThenable(outcome) ? outcome.then(step, failed) : step(outcome)
  })
}

import { viewOf } from './view-of'

/** What becomes of a call: one of these, once. */
export interface ResultWatch {
  done(result: unknown): void
  failed(error: unknown): void
  /** Gives what the caller gets for the stream. */
  stream(source: object): object
}

/** Looks at what a call gives, now or later, and gives the same. */
export function observeResult(result: unknown, watch: ResultWatch): unknown {
  // Derived, not watched from beside: a rejection that nobody handles must stay one.
  if (result instanceof Promise) {
    return result.then(
      (value: unknown) => observeResult(value, watch),
      (error: unknown) => {
        watch.failed(error)
        throw error
      },
    )
  }
  if (isStream(result)) return watch.stream(result)
  if (isThenable(result)) return watchThenable(result, watch)
  watch.done(result)
  return result
}

/** A query builder, say: it begins at its first `then`, which is the caller's to call, and it has more than that. */
function watchThenable(thenable: object, watch: ResultWatch): object {
  return viewOf(thenable, (name, then) => {
    if (name !== 'then') return undefined
    return (succeed, fail) =>
      then.call(
        thenable,
        (value: unknown) => {
          watch.done(value)
          return typeof succeed === 'function' ? (succeed(value) as unknown) : value
        },
        (error: unknown) => {
          watch.failed(error)
          if (typeof fail === 'function') return fail(error) as unknown
          throw error
        },
      )
  })
}

function isThenable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function isStream(value: unknown): value is object {
  return typeof value === 'object' && value !== null && ('getReader' in value || Symbol.asyncIterator in value)
}

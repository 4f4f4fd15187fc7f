/** What becomes of a call: one of these, once. */
export interface ResultWatch {
  done(result: unknown): void
  failed(error: unknown): void
  /** Gives what the caller gets for the stream. */
  stream(source: object): object
}

/** Looks at what a call gives, now or later, and gives the same. */
export function observeResult(result: unknown, watch: ResultWatch): unknown {
  if (typeof result !== 'object' || result === null) watch.done(result)
  // Derived, not watched from beside: a rejection that nobody handles must stay one.
  else if ('then' in result && typeof result.then === 'function') {
    return (result as PromiseLike<unknown>).then(
      (value) => observeResult(value, watch),
      (error: unknown) => {
        watch.failed(error)
        throw error
      },
    )
  } else if ('getReader' in result || Symbol.asyncIterator in result) return watch.stream(result)
  else watch.done(result)
  return result
}

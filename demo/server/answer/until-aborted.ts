/** The same items until the signal says stop, also where the source is silent just then. The source is told that nobody reads on. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  let stop = () => {}
  const aborted = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)))
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      const step = await Promise.race([iterator.next(), aborted])
      if (!step || step.done) return
      yield step.value
    }
  } finally {
    signal.removeEventListener('abort', stop)
    // Not awaited: a source that hangs would hold us back.
    iterator.return?.().catch(() => undefined)
  }
}

/** What becomes of a stream that is passed through. */
export interface StreamWatch<Chunk> {
  chunk(chunk: Chunk): void
  /** `error` where the source failed, `aborted` where the reader stopped early. Called once. */
  end(how: { aborted?: true; error?: unknown }): void
}

/** The same stream, watched. The source is read only as fast as the result is. */
export function watchStream<S extends object, Chunk>(source: S, watch: StreamWatch<Chunk>): S {
  let ended = false
  const once: StreamWatch<Chunk> = {
    chunk: watch.chunk,
    end(how) {
      if (!ended) watch.end(how)
      ended = true
    },
  }
  if ('getReader' in source) return watchReadable(source as unknown as ReadableStream<Chunk>, once) as unknown as S
  return watchIterable(source as unknown as AsyncIterable<Chunk>, once) as unknown as S
}

function watchReadable<Chunk>(source: ReadableStream<Chunk>, watch: StreamWatch<Chunk>): ReadableStream<Chunk> {
  const reader = source.getReader()
  const result = new ReadableStream<Chunk>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            watch.end({})
            controller.close()
          } else {
            watch.chunk(value as Chunk)
            controller.enqueue(value as Chunk)
          }
        } catch (error) {
          watch.end({ error })
          controller.error(error)
        }
      },
      async cancel(reason) {
        watch.end({ aborted: true })
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return Symbol.asyncIterator in result ? result : withIterator(result)
}

/** Safari before 26.4 has no iteration of streams; sources that polyfilled it must come back with it. */
function withIterator<Chunk>(stream: ReadableStream<Chunk>): ReadableStream<Chunk> {
  const iterate = async function* (): AsyncGenerator<Chunk> {
    const reader = stream.getReader()
    try {
      for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value as Chunk
    } finally {
      await reader.cancel()
      reader.releaseLock()
    }
  }
  return Object.assign(stream, { [Symbol.asyncIterator]: iterate })
}

/** A generator has more than an iterator: whatever else the source has stays within reach. */
function watchIterable<Chunk>(source: AsyncIterable<Chunk>, watch: StreamWatch<Chunk>): AsyncIterable<Chunk> {
  let watched: AsyncIterator<Chunk> | undefined
  const iterator = () => (watched ??= watchIterator(source[Symbol.asyncIterator](), watch))
  return new Proxy(source, {
    get(target, name) {
      if (name === Symbol.asyncIterator) return iterator
      if ((name === 'next' || name === 'return' || name === 'throw') && name in target) {
        const step = iterator()[name] as ((value?: unknown) => unknown) | undefined
        return step && step.bind(iterator())
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

function watchIterator<Chunk>(source: AsyncIterator<Chunk>, watch: StreamWatch<Chunk>): AsyncIterableIterator<Chunk> {
  const failing = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step()
    } catch (error) {
      watch.end({ error })
      throw error
    }
  }
  const iterator: AsyncIterableIterator<Chunk> = {
    next: (...args) =>
      failing(async () => {
        const step = await source.next(...(args as []))
        if (step.done) watch.end({})
        else watch.chunk(step.value)
        return step
      }),
    async return(value) {
      watch.end({ aborted: true })
      return source.return ? await source.return(value) : { done: true, value: value as undefined }
    },
    throw: (error) =>
      failing(async () => {
        if (!source.throw) throw error
        return await source.throw(error)
      }),
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

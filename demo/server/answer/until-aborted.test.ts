import { expect, it } from 'vitest'
import { untilAborted } from './until-aborted'

const collect = async <T>(items: AsyncIterable<T>) => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

it('passes everything on where nobody stops it', async () => {
  async function* source() {
    yield* [1, 2]
  }
  expect(await collect(untilAborted(source(), new AbortController().signal))).toEqual([1, 2])
})

it('ends a source that is silent, and tells it', async () => {
  const controller = new AbortController()
  let wasTold = false
  const silent: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        wasTold = true
        return { done: true, value: undefined }
      },
    }),
  }
  const all = collect(untilAborted(silent, controller.signal))
  controller.abort()
  expect(await all).toEqual([])
  expect(wasTold).toBe(true)
})

it('hands on what the source fails with', async () => {
  async function* source(): AsyncGenerator<number> {
    yield 1
    throw new Error('no model')
  }
  await expect(collect(untilAborted(source(), new AbortController().signal))).rejects.toThrow('no model')
})

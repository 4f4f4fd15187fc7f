import { describe, expect, it } from 'vitest'
import { createBench } from '../../test/support/delivery-bench.js'
import { createFakeClock } from '../../test/support/fake-clock.js'
import { accepted, answer, inOrder, network, type Script } from '../../test/support/scripted-transport.js'
import { createMemoryStore } from './memory-store.js'
import type { QueueStore } from './types.js'

/** Answers after that long. */
const after = (bench: () => { clock: ReturnType<typeof createFakeClock> }, ms: number, reply = accepted): Script => {
  return () => new Promise((resolve) => bench().clock.after(ms, () => resolve(reply)))
}

describe('flush', () => {
  it('sends at once', async () => {
    const bench = createBench()
    bench.event()
    bench.signal()
    expect(await bench.flush()).toEqual({ delivered: 2, pending: 0, dropped: 0, tookMs: 0 })
  })

  it('covers what was tracked before the call, and nothing that is tracked while it runs', async () => {
    for (const store of [createMemoryStore(), durable()]) {
      const bench = createBench({ store, script: after(() => bench, 100) })
      bench.event('a')
      const flushed = bench.delivery.flush(10_000)
      bench.event('b')
      await bench.pass(50)
      bench.event('c')
      await bench.pass(1_000, 50)
      expect(await flushed).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    }
  })

  it('waits for what it covers, whatever is delivered meanwhile', async () => {
    const bench = createBench({
      script: ({ refs }) =>
        refs[0] === 'slow' ? new Promise((resolve) => bench.clock.after(500, () => resolve(accepted))) : accepted,
    })
    bench.event('slow')
    const flushed = bench.delivery.flush(10_000)
    await bench.pass(10)
    for (let index = 0; index < 5; index++) bench.signal()
    await bench.pass(100)
    expect(bench.check()).toMatchObject({ delivered: 5, pending: 1 })
    let isDone = false
    void flushed.then(() => (isDone = true))
    await bench.pass(100)
    expect(isDone).toBe(false)
    await bench.pass(1_000)
    expect(await flushed).toEqual({ delivered: 1, pending: 0, dropped: 0 })
  })

  it('covers what an earlier process left', async () => {
    const store = durable()
    const before = createBench({ store, script: () => network })
    for (let index = 0; index < 3; index++) before.event(`old${index}`)
    await before.pass(1_000)
    await before.delivery.stop()
    const bench = createBench({ store })
    expect(await bench.flush()).toEqual({ delivered: 3, pending: 0, dropped: 0, tookMs: 0 })
    expect(bench.check()).toMatchObject({ tracked: 3, delivered: 3 })
  })

  it('covers what an earlier process left, also where its clock was ahead', async () => {
    const store = durable()
    const before = createBench({ store, script: () => network })
    before.clock.setNow(before.clock.now() + 86_400_000)
    before.event('old')
    await before.pass(1_000)
    const bench = createBench({ store })
    bench.event('new')
    expect(await bench.flush()).toMatchObject({ delivered: 2, pending: 0, dropped: 0 })
  })

  it('joins one that runs, and each gets its own report', async () => {
    const bench = createBench({ script: after(() => bench, 100) })
    bench.event('a')
    const first = bench.delivery.flush(10_000)
    await bench.pass(10)
    bench.event('b')
    bench.event('c')
    const second = bench.delivery.flush(10_000)
    await bench.pass(1_000, 10)
    expect(await first).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(await second).toEqual({ delivered: 3, pending: 0, dropped: 0 })
    expect(bench.transport.refs()).toEqual([['a'], ['b', 'c']])
  })

  it('goes through backoff, and on by the table until all is settled', async () => {
    const bench = createBench({ script: inOrder(network, network, network, network, network) })
    bench.event()
    await bench.pass(5_000)
    const sent = bench.transport.sent.length
    const report = await bench.flush()
    expect(bench.transport.sent.at(sent)?.at).toBe(5_000)
    expect(report).toEqual({ delivered: 1, pending: 0, dropped: 0, tookMs: 4_000 })
  })

  it('ends early when nothing can be tried before its deadline', async () => {
    const bench = createBench({ script: () => network })
    bench.event()
    const report = await bench.flush(10_000)
    // 0, 0.5, 1.5, 2.5, 4.5, 8.5; the next would come at 16.5 s.
    expect(report).toEqual({ delivered: 0, pending: 1, dropped: 0, tookMs: 8_500 })
    expect(bench.transport.sent).toHaveLength(6)
  })

  it('ends at its deadline while a request hangs', async () => {
    const bench = createBench({ script: () => 'hang' })
    bench.event()
    expect(await bench.flush(700)).toEqual({ delivered: 0, pending: 1, dropped: 0, tookMs: 700 })
  })

  it('of 0 ms sends and does not wait', async () => {
    const bench = createBench({ script: after(() => bench, 50) })
    bench.event()
    expect(await bench.flush(0)).toMatchObject({ pending: 1, tookMs: 0 })
    await bench.pass(100)
    expect(bench.check().delivered).toBe(1)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e12])('of %d ms ends too', async (timeoutMs) => {
    const bench = createBench()
    bench.event()
    const flushed = bench.delivery.flush(timeoutMs)
    await bench.pass(2_000, 100)
    expect((await flushed).delivered + (await flushed).pending).toBe(1)
    expect(bench.check().delivered).toBe(1)
    expect(bench.clock.timers).toBe(0)
  })

  it('counts what was dropped among what it covered', async () => {
    const bench = createBench({ script: ({ refs }) => (refs.includes('bad') ? answer(400) : accepted) })
    bench.event('a')
    bench.event('bad')
    expect(await bench.flush()).toMatchObject({ delivered: 1, dropped: 1, pending: 0 })
  })

  it('patiently tries once more right before its deadline', async () => {
    const bench = createBench({ script: () => (bench.clock.elapsed() > 8_600 ? accepted : network) })
    bench.event()
    const flushed = bench.delivery.flush(10_000, true)
    await bench.pass(11_000, 100)
    expect(await flushed).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(bench.transport.sent.at(-1)?.at).toBe(9_250)
  })

  it('ends at its deadline also while the store hangs', async () => {
    for (const hanging of ['size', 'put', 'peek'] as const) {
      const store = { ...durable(), [hanging]: () => new Promise<never>(() => undefined) }
      const bench = createBench({ store, clock: createFakeClock() })
      bench.event()
      expect(await bench.flush(1_000), hanging).toEqual({ delivered: 0, pending: 1, dropped: 0, tookMs: 1_000 })
      expect(await bench.flush(500)).toMatchObject({ tookMs: 500 })
    }
  })

  it('of nothing is done at once', async () => {
    const bench = createBench()
    expect(await bench.flush()).toEqual({ delivered: 0, pending: 0, dropped: 0, tookMs: 0 })
    expect(bench.clock.timers).toBe(0)
  })
})

describe('stop', () => {
  it('cuts what is under way, sends nothing more, and has everything back in the queue when it resolves', async () => {
    const bench = createBench({ script: () => 'hang' })
    for (let index = 0; index < 300; index++) bench.event()
    await bench.pass(10)
    expect(bench.transport.open).toBe(2)
    await bench.delivery.stop()
    expect(bench.queue.waiting).toBe(300)
    await bench.queue.purge('shutdown')
    expect(bench.check()).toMatchObject({ pending: 0, dropped: { shutdown: 300 } })
    await bench.pass(100_000)
    expect(bench.transport.sent).toHaveLength(2)
    expect(bench.clock.timers).toBe(0)
  })

  it('ends a search for poison where it is', async () => {
    const bench = createBench({ script: (_sent, index) => (index === 0 ? answer(400) : 'hang') })
    for (let index = 0; index < 8; index++) bench.event()
    await bench.pass(1_000)
    await bench.delivery.stop()
    expect(bench.check()).toMatchObject({ pending: 8 })
    expect(bench.transport.sent).toHaveLength(2)
  })
})

describe('a store that breaks its contract', () => {
  it('costs neither the process nor the records', async () => {
    let isBroken = true
    const memory = createMemoryStore()
    const bench = createBench({
      store: { ...memory, peek: async (range) => (isBroken ? (undefined as never) : memory.peek(range)) },
    })
    bench.event('a')
    await bench.pass(2_000)
    expect(bench.check()).toMatchObject({ pending: 1 })
    isBroken = false
    bench.event('b')
    await bench.pass(20_000)
    expect(bench.check()).toMatchObject({ delivered: 2, pending: 0 })
  })
})

/** Memory that calls itself a disk. */
function durable(): QueueStore {
  return { ...createMemoryStore(), kind: 'file' }
}

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createBench } from '../../test/support/delivery-bench.js'
import { createFakeClock } from '../../test/support/fake-clock.js'
import { accepted, answer, inOrder, network } from '../../test/support/scripted-transport.js'
import { createMemoryStore } from './memory-store.js'
import type { QueueStore } from './types.js'

const DAY = 86_400_000
/** Memory that calls itself a disk: records go into it at once. */
const durable = (): QueueStore => ({ ...createMemoryStore(), kind: 'file' })
const stores = [
  ['memory', createMemoryStore],
  ['durable', durable],
] as const

describe.each(stores)('a draft in %s', (_name, store) => {
  it('that cannot be written costs nothing but itself, and is told', async () => {
    const bench = createBench({ store: store() })
    bench.event('before')
    bench.event('broken', {
      toJSON() {
        throw new Error('patched')
      },
    } as never)
    bench.event('after')
    await bench.flush()
    expect(bench.transport.refs().flat()).toEqual(['before', 'after'])
    expect(bench.check()).toMatchObject({ tracked: 3, delivered: 2, pending: 0, dropped: { invalid: 1 } })
    expect(bench.errors).toMatchObject([
      { code: 'invalid_event', message: expect.stringContaining('patched') as string },
    ])
  })
})

describe.each(stores)('bounds of a queue in %s', (_name, store) => {
  it('drops spans first, then events, and signals last, each oldest first', async () => {
    const bench = createBench({ store: store(), maxQueueSize: 6, uploadSize: 1_000, script: () => network })
    bench.signal('s1')
    bench.spans('t1')
    bench.event('e1')
    bench.identify('u1')
    bench.spans('t2')
    bench.event('e2')
    const gone = () => bench.reports.filter(({ outcome }) => outcome === 'dropped').flatMap(({ ids }) => ids)
    await bench.pass(1)
    for (const [add, ref, victims] of [
      [bench.event, 'e3', ['t1']],
      [bench.event, 'e4', ['t1', 't2']],
      [bench.signal, 's2', ['t1', 't2', 'e1']],
      [bench.spans, 't3', ['t1', 't2', 'e1', 't3']],
      [bench.signal, 's3', ['t1', 't2', 'e1', 't3', 'u1']],
      [bench.signal, 's4', ['t1', 't2', 'e1', 't3', 'u1', 'e2']],
      [bench.signal, 's5', ['t1', 't2', 'e1', 't3', 'u1', 'e2', 'e3']],
      [bench.signal, 's6', ['t1', 't2', 'e1', 't3', 'u1', 'e2', 'e3', 'e4']],
      [bench.signal, 's7', ['t1', 't2', 'e1', 't3', 'u1', 'e2', 'e3', 'e4', 's1']],
    ] as const) {
      add(ref)
      await bench.pass(1)
      expect(gone()).toEqual(victims)
      expect(bench.check().pending).toBe(6)
    }
    expect(bench.check().dropped.queue_full).toBe(9)
    expect(bench.errors.filter(({ code }) => code === 'queue_full')).toHaveLength(1)
  })

  it('never drops what is under way', async () => {
    const bench = createBench({
      store: store(),
      maxQueueSize: 4,
      uploadSize: 2,
      script: () => new Promise((resolve) => bench.clock.after(500, () => resolve(accepted))),
    })
    bench.event('a')
    bench.event('b')
    await bench.pass(10)
    expect(bench.transport.refs()).toEqual([['a', 'b']])
    for (let index = 0; index < 10; index++) bench.event(`later${index}`)
    await bench.pass(10)
    await bench.flush()
    const delivered = bench.transport.refs().flat()
    expect(delivered.slice(0, 2)).toEqual(['a', 'b'])
    expect(delivered.slice(-2)).toEqual(['later8', 'later9'])
    expect(bench.check()).toMatchObject({ tracked: 12, pending: 0 })
  })

  it('stays within them over a long outage, whatever the pace', async () => {
    const bench = createBench({ store: store(), maxQueueSize: 50, script: () => network })
    for (let round = 0; round < 60; round++) {
      for (let index = 0; index < round; index++) bench.event()
      await bench.pass(round * 97)
      expect(bench.check().pending).toBeLessThanOrEqual(50)
    }
    expect(bench.check()).toMatchObject({ tracked: 1_770, pending: 50, dropped: { queue_full: 1_720 } })
  })

  it('is bounded in bytes as well', async () => {
    const bench = createBench({ store: store(), maxBytes: 100_000, script: () => network })
    for (let index = 0; index < 50; index++) {
      bench.event(`e${index}`, { properties: { text: 'x'.repeat(10_000) } }, 10_000)
      await bench.pass(100)
    }
    const { pending, dropped } = bench.check()
    expect(pending).toBeGreaterThanOrEqual(8)
    expect(pending).toBeLessThanOrEqual(10)
    expect(dropped.queue_full).toBe(50 - pending)
  })

  it('keeps the newest of a loop that tracks without a pause', async () => {
    const bench = createBench({ store: store(), maxQueueSize: 100 })
    for (let index = 0; index < 1_000; index++) bench.event(`e${index}`)
    expect(bench.check().pending).toBeLessThanOrEqual(100)
    await bench.flush()
    expect(bench.transport.refs().flat()).toEqual(Array.from({ length: 100 }, (_, index) => `e${900 + index}`))
  })

  it('purges what waits, and counts it', async () => {
    const bench = createBench({ store: store(), script: inOrder(network) })
    bench.partial('i')
    bench.event()
    await bench.pass(1_000)
    bench.partial('i', { is_pending: false })
    await bench.queue.purge('disabled')
    expect(bench.check()).toMatchObject({ tracked: 2, pending: 0, dropped: { disabled: 2 } })
    await bench.pass(60_000)
    expect(bench.transport.sent).toHaveLength(1)
  })
})

describe.each(stores)('partials of one event in %s', (_name, store) => {
  const finals = (bench: ReturnType<typeof createBench>) =>
    bench.transport.sent.map(({ bodies }) => bodies[0].is_pending)

  it('fold while they wait', async () => {
    const bench = createBench({ store: store() })
    bench.partial('i', { ai_data: { input: 'Hi' }, properties: { a: 1, b: 1 }, attachments: [{ value: '1' }] })
    bench.partial('i', { ai_data: { model: 'm' }, properties: { b: 2 } })
    await bench.pass(100)
    bench.partial('i', { ai_data: { output: 'Hello' }, attachments: [{ value: '2' }], is_pending: false })
    bench.partial('other')
    await bench.pass(1_000)
    expect(bench.transport.sent.map(({ bodies }) => bodies[0])).toEqual([
      {
        event_id: 'i',
        ai_data: { input: 'Hi', model: 'm', output: 'Hello' },
        properties: { a: 1, b: 2 },
        attachments: [{ value: '1' }, { value: '2' }],
        is_pending: false,
      },
      expect.objectContaining({ event_id: 'other' }),
    ])
    expect(bench.check()).toMatchObject({ tracked: 2, delivered: 2 })
  })

  it('fold into one that failed: a 503 on the first, and then the end, is one finished event', async () => {
    const bench = createBench({ store: store(), script: inOrder(answer(503)) })
    bench.partial('i', { ai_data: { input: 'Hi' } })
    await bench.pass(1_000)
    bench.partial('i', { ai_data: { output: 'Hello' }, is_pending: false })
    await bench.pass(5_000)
    expect(finals(bench)).toEqual([true, false])
    expect(bench.transport.sent[1]?.bodies[0].ai_data).toEqual({ input: 'Hi', output: 'Hello' })
    expect(bench.check()).toMatchObject({ tracked: 1, delivered: 1, pending: 0 })
  })

  it('lose nothing that comes while the store is read', async () => {
    let onPeek = (): void => undefined
    const plain = store()
    const spied: QueueStore = {
      ...plain,
      async peek(range) {
        const found = await plain.peek(range)
        onPeek()
        return found
      },
    }
    const bench = createBench({ store: spied, script: inOrder(network) })
    bench.partial('i', { properties: { a: 1 } })
    await bench.pass(1_000)
    onPeek = () => {
      onPeek = () => undefined
      bench.partial('i', { properties: { b: 2 }, is_pending: false })
    }
    await bench.pass(10_000)
    const merged = Object.assign({}, ...bench.transport.sent.slice(1).map(({ bodies }) => bodies[0].properties))
    expect(merged).toEqual({ a: 1, b: 2 })
    expect(finals(bench).at(-1)).toBe(false)
    expect(bench.check().pending).toBe(0)
  })

  it('wait for one that is under way, and go behind it when it fails', async () => {
    const bench = createBench({
      store: store(),
      uploadSize: 1,
      script: (_sent, index) =>
        index > 0 ? accepted : new Promise((resolve) => bench.clock.after(300, () => resolve(network))),
    })
    bench.partial('i')
    await bench.pass(10)
    bench.partial('i', { is_pending: false })
    await bench.pass(100)
    expect(bench.transport.sent).toHaveLength(1)
    await bench.pass(5_000)
    expect(finals(bench)).toEqual([true, true, false])
    expect(bench.check()).toMatchObject({ tracked: 2, delivered: 2, pending: 0 })
  })

  it('stay apart where they would not fit into one', async () => {
    const bench = createBench({ store: store(), maxEventBytes: 1_024, uploadSize: 1_000, script: inOrder(network) })
    const ids = Array.from({ length: 40 }, (_, index) => `k${'x'.repeat(10)}${index}`)
    const numbers = (from: number, to: number) => Object.fromEntries(ids.slice(from, to).map((id) => [id, 1]))
    bench.partial('i', { properties: numbers(0, 35) })
    await bench.pass(1_000)
    bench.partial('i', {
      properties: { ...numbers(35, 40), ...Object.fromEntries(ids.map((id) => [`n${id}`, 2])) },
      is_pending: false,
    })
    await bench.pass(10_000)
    expect(finals(bench).at(-1)).toBe(false)
    expect(bench.check().pending).toBe(0)
  })
})

describe('a queue that survives its process', () => {
  it('drops what is older than 7 days, with everything in front of it', async () => {
    const store = durable()
    const before = createBench({ store, script: () => network })
    before.event('old')
    await before.pass(2_000)
    const clock = createFakeClock({ now: before.clock.now() + 7 * DAY + 1_000 })
    const bench = createBench({ store, clock })
    bench.event('new')
    expect(await bench.flush()).toMatchObject({ delivered: 1, dropped: 1, pending: 0 })
    expect(bench.check()).toMatchObject({ tracked: 2, dropped: { expired: 1 } })
    expect(bench.transport.refs()).toEqual([['new']])
  })

  it.each([10, -10])('loses nothing when the wall clock is set by %d days while it runs', async (days) => {
    const bench = createBench({
      store: durable(),
      script: () => (bench.clock.elapsed() < 9 * 3_600_000 ? network : accepted),
    })
    bench.event('before')
    await bench.pass(3_600_000)
    bench.clock.setNow(bench.clock.now() + days * DAY)
    bench.event('after')
    await bench.pass(10 * 3_600_000, 600_000)
    expect(bench.check()).toMatchObject({ tracked: 2, delivered: 2, dropped: { expired: 0 } })
    expect(bench.transport.refs().at(-1)).toEqual(['before', 'after'])
  })

  it('loses nothing of an earlier process when the wall clock is set forward', async () => {
    const store = durable()
    const before = createBench({ store, script: () => network })
    before.event('old')
    await before.pass(2_000)
    const clock = createFakeClock({ now: before.clock.now() + DAY })
    const bench = createBench({ store, clock })
    clock.setNow(clock.now() + 10 * DAY)
    expect(await bench.flush()).toMatchObject({ delivered: 1, dropped: 0 })
  })

  it('loses nothing that was tracked while the wall clock was wrong', async () => {
    const bench = createBench({ store: durable(), script: () => (bench.clock.elapsed() < 10_000 ? network : accepted) })
    const now = bench.clock.now()
    bench.clock.setNow(now - 10 * DAY)
    bench.event('a')
    await bench.pass(100)
    bench.clock.setNow(now)
    await bench.pass(60_000, 100)
    expect(bench.check()).toMatchObject({ delivered: 1, dropped: { expired: 0 } })
  })

  it('drops what has waited for 7 days in one process, and nothing younger', async () => {
    const bench = createBench({ store: durable(), script: () => network })
    bench.event('old')
    await bench.pass(4 * DAY, DAY / 2)
    bench.event('young')
    await bench.pass(4 * DAY, DAY / 2)
    expect(bench.check()).toMatchObject({ pending: 1, dropped: { expired: 1 } })
    expect(bench.transport.refs().at(-1)).toEqual(['young'])
  })

  it('leaves a record of an unknown version alone', async () => {
    const store = durable()
    await store.put([{ key: 'ns/1/00000000001-x', json: '{"v":2,"body":{}}' }])
    const bench = createBench({ store })
    bench.event('a')
    await bench.pass(3_000)
    expect(bench.transport.refs()).toEqual([['a']])
    expect((await store.size('ns/')).records).toBe(1)
    expect(bench.check()).toMatchObject({ tracked: 1, delivered: 1, pending: 0 })
  })

  it('keeps two namespaces of one store apart', async () => {
    const store = durable()
    const one = createBench({ store, namespace: 'one', script: () => network })
    one.event('a')
    await one.pass(1_000)
    const two = createBench({ store, namespace: 'two' })
    two.event('b')
    expect(await two.flush()).toMatchObject({ delivered: 1 })
    expect(two.transport.refs()).toEqual([['b']])
    expect(one.check()).toMatchObject({ pending: 1 })
  })

  it('counts bytes in one way: what was UTF-8 on the disk leaves nothing behind', async () => {
    const memory = createMemoryStore()
    const store: QueueStore = {
      ...memory,
      kind: 'file',
      size: async (prefix) => ({ ...(await memory.size(prefix)), bytes: 300_000 }),
    }
    const before = createBench({ store, script: () => network })
    before.event('old')
    await before.pass(1_000)
    const bench = createBench({ store })
    bench.event('a')
    await bench.flush()
    expect(bench.queue.waitingBytes).toBe(0)
    const sent = bench.transport.sent.length
    bench.event('b')
    await bench.pass(500)
    expect(bench.transport.sent).toHaveLength(sent)
  })

  it('has in the store, after persistSync, what was staged and what an unfinished write holds', async () => {
    const written: string[] = []
    const store = {
      ...durable(),
      put: () => new Promise<never>(() => undefined),
      putSync: (records: ReadonlyArray<{ json: string }>) => written.push(...records.map(({ json }) => json)),
    }
    const bench = createBench({ store, clock: createFakeClock() })
    bench.event('under way')
    await bench.pass(1)
    bench.event('staged')
    bench.queue.persistSync()
    expect(written.map((json) => JSON.parse(json).ref)).toEqual(['under way', 'staged'])
    bench.check()
  })

  it('writes what folds into a stored record behind it, when the process ends', async () => {
    const store = Object.assign(durable(), {
      putSync: (records: ReadonlyArray<{ key: string; json: string }>) => void store.put(records),
    })
    const bench = createBench({ store, script: inOrder(network) })
    bench.partial('i')
    await bench.pass(1_000)
    bench.partial('i', { is_pending: false })
    bench.queue.persistSync()
    expect(bench.check()).toMatchObject({ tracked: 2, pending: 2 })
    const next = createBench({ store })
    next.event('x')
    await next.flush()
    expect(
      next.transport.sent.filter(({ path }) => path.endsWith('partial')).map(({ bodies }) => bodies[0].is_pending),
    ).toEqual([true, false])
  })

  it('does not throw when the last write fails, and loses nothing if the process lives on', async () => {
    const store = {
      ...durable(),
      putSync: () => {
        throw new Error('ENOSPC')
      },
    }
    const bench = createBench({ store })
    bench.event('a')
    bench.queue.persistSync()
    expect(bench.errors).toMatchObject([{ code: 'storage' }])
    expect(await bench.flush()).toMatchObject({ delivered: 1, pending: 0 })
  })
})

it('keeps its heap bounded over 100,000 events with the ingest down', { timeout: 60_000 }, async () => {
  const bench = createBench({ script: () => network })
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed / 1_048_576
  }
  const track = async (count: number) => {
    for (let index = 0; index < count; index++) {
      bench.event(undefined, { properties: { text: `${index}`.padEnd(500, 'x') } }, 700)
      if (index % 500 === 0) await bench.pass(10)
    }
  }
  bench.reports.push = () => 0
  await track(20_000)
  const before = heap()
  await track(80_000)
  expect(bench.check()).toMatchObject({ tracked: 100_000, pending: 10_000, dropped: { queue_full: 90_000 } })
  // A leak of what was dropped would be over 60 MB.
  expect(heap() - before).toBeLessThan(5)
})

import { expect, expectConserved, statsOf, test, toldTo, trackDurably, withClient } from './support/bench'

const wounds = {
  'is absent': () => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }),
  'throws when it is looked at': () =>
    Object.defineProperty(globalThis, 'indexedDB', {
      get() {
        throw new DOMException('denied', 'SecurityError')
      },
    }),
  'never opens': () => {
    IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest
  },
  'fails to open': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('broken', 'UnknownError')
    }
  },
  'is full': () => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  },
}

for (const [how, wound] of Object.entries(wounds)) {
  test(`a storage that ${how} costs nothing but durability, and is told once`, async ({ bench, context }) => {
    await context.addInitScript(wound)
    const page = await bench.open(context, bench.relay)
    const ids = await trackDurably(page, 40)
    expect((await statsOf(page)).storage).toBe('memory')
    await bench.expectAll(ids)
    expect((await toldTo(page)).filter((line) => line.startsWith('storage'))).toHaveLength(1)
    await expect.poll(async () => (await statsOf(page)).delivered).toBe(40)
    expectConserved(await statsOf(page))
  })
}

test('a full storage gives up the oldest quarter once, and keeps the new', async ({ bench, context }) => {
  await bench.gate.down()
  // Nothing leaves meanwhile: what is on its way is not given up.
  const page = await bench.open(context, { ...bench.relay, uploadIntervalMs: 60_000, uploadSize: 10_000 })
  await trackDurably(page, 40, 'old')
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype
    let isFull = true
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: [unknown, IDBValidKey?]) {
      if (!isFull) return put.apply(this, args)
      isFull = false
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await trackDurably(page, 4, 'new')
  const stats = await statsOf(page)
  expect(stats.storage).toBe('indexeddb')
  expect(stats.dropped).toMatchObject({ queue_full: 11 })
  expectConserved(stats)
  await bench.gate.up()
  await withClient(page, (rd) => rd.flush())
  await expect.poll(() => bench.arrived().length).toBe(33)
})

test('a database that is deleted while it is open is made anew', async ({ bench, context }) => {
  const page = await bench.open(context, bench.relay)
  await bench.expectAll(await trackDurably(page, 5))
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('raindrop-js')
        request.onsuccess = resolve
        request.onerror = request.onblocked = reject
      }),
  )
  const before = bench.arrived()
  const ids = await trackDurably(page, 5)
  expect((await statsOf(page)).storage).toBe('indexeddb')
  await bench.expectAll([...before, ...ids])
})

test('a sandboxed frame without an origin works from memory', async ({ bench, context }) => {
  const page = await bench.open(context)
  const url = bench.site.url(bench.relay)
  await page.evaluate((src) => {
    const frame = document.createElement('iframe')
    frame.sandbox.add('allow-scripts')
    frame.src = src
    document.body.append(frame)
    return new Promise((resolve) => (frame.onload = resolve))
  }, url)
  const frame = page.frames().find((each) => each.url() === url)!
  const outcome = await frame.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: { track(event: object): string; persist(): Promise<string> } }
    const id = rd.track({ event: 'framed' })
    return { id, storage: await rd.persist() }
  })
  expect(outcome.storage).toBe('memory')
  await bench.expectAll([outcome.id])
})

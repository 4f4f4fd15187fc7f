import { expect, expectConserved, statsOf, test, toldTo, trackDurably } from './support/bench'

test.afterEach(({ bench }) => expect(bench.gate.methods).not.toContain('OPTIONS'))

test('a burst right before a reload arrives', async ({ bench, context }) => {
  const page = await bench.open(context, bench.relay)
  const ids = await page.evaluate(() => {
    const { rd } = globalThis as unknown as { rd: { track(event: object): string } }
    const tracked = Array.from({ length: 100 }, () => rd.track({ event: 'burst', userId: 'u' }))
    location.reload()
    return tracked
  })
  await page.waitForLoadState()
  await bench.expectAll(ids)
})

test('an outage of the server and a closed tab cost nothing', async ({ bench, context }) => {
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  const ids = await trackDurably(page, 100)
  const stats = await statsOf(page)
  expect(stats).toMatchObject({ tracked: 100, pending: 100, storage: 'indexeddb' })
  await page.close()

  await bench.gate.up()
  const next = await bench.open(context, bench.relay)
  await bench.expectAll(ids)
  await expect.poll(async () => (await statsOf(next)).delivered).toBe(100)
  expectConserved(await statsOf(next))
})

test('503 for 8 seconds meets at most six requests, and everything arrives', async ({ bench, context }) => {
  bench.ingest.fault('status', { status: 503 })
  const page = await bench.open(context, bench.relay)
  const ids = await trackDurably(page, 100)
  await page.waitForTimeout(8_000)
  const refused = bench.gate.arrivals.length
  bench.ingest.fault('ok')
  await bench.expectAll(ids)
  expect(refused).toBeLessThanOrEqual(6)
  expect(await toldTo(page)).toHaveLength(1)
  expectConserved(await statsOf(page))
})

test('429 with Retry-After is obeyed to the second, also after a reload and in another tab', async ({
  bench,
  context,
}) => {
  bench.ingest.fault('status', { status: 429, retryAfterSeconds: 4, times: 1 })
  const page = await bench.open(context, bench.relay)
  const ids = [...(await trackDurably(page, 20))]
  await expect.poll(() => bench.gate.arrivals.length).toBe(1)
  const first = bench.gate.arrivals[0]!
  // The answer has to be read before the page goes.
  await expect.poll(() => toldTo(page)).toHaveLength(1)
  await page.reload()
  const other = await bench.open(context, bench.relay)
  ids.push(...(await trackDurably(other, 20)))
  await bench.expectAll(ids)
  expect(bench.gate.arrivals[1]! - first).toBeGreaterThanOrEqual(4_000)
  expect(bench.repeats()).toBe(0)
})

test('three requests that hang end at their deadline, and everything arrives', async ({ bench, context }) => {
  bench.ingest.fault('hang', { times: 3 })
  const page = await bench.open(context, { ...bench.relay, requestTimeoutMs: 1_000 })
  const ids = await trackDurably(page, 100)
  await bench.expectAll(ids)
  expectConserved(await statsOf(page))
})

test('the page of a captive portal is not an answer', async ({ bench, context }) => {
  bench.ingest.fault('garbage', { times: 2 })
  const page = await bench.open(context, bench.relay)
  const ids = await trackDurably(page, 50)
  await bench.expectAll(ids)
  expect(bench.repeats()).toBe(0)
})

test('a connection cut after the server took the batch costs a repeat, and no event counts twice', async ({
  bench,
  context,
}) => {
  bench.ingest.fault('lost', { times: 1 })
  const page = await bench.open(context, bench.relay)
  const ids = await trackDurably(page, 30)
  await bench.expectAll(ids)
  await expect.poll(async () => (await statsOf(page)).delivered).toBe(30)
  expect(bench.arrived()).toHaveLength(30)
})

test('offline postpones without a request or a report, and online sends once', async ({ bench, context }) => {
  const page = await bench.open(context, bench.relay)
  const ids = [...(await trackDurably(page, 20))]
  await bench.expectAll(ids)
  const before = bench.gate.arrivals.length
  await context.setOffline(true)
  expect(await page.evaluate(() => navigator.onLine)).toBe(false)
  ids.push(...(await trackDurably(page, 20)))
  // Longer than the interval.
  await page.waitForTimeout(2_000)
  expect(bench.gate.arrivals).toHaveLength(before)
  expect(await toldTo(page)).toEqual([])
  await context.setOffline(false)
  await bench.expectAll(ids)
  await expect.poll(async () => (await statsOf(page)).pending).toBe(0)
  expect(bench.repeats()).toBe(0)
})

// Playwright's Firefox does not let a service worker answer a reload while it is offline.
const offline = 'offline postpones, a reload while offline loses nothing, and online sends once'
test(offline, { tag: '@chromium' }, async ({ bench, context }) => {
  const page = await bench.open(context, bench.relay)
  const ids = [...(await trackDurably(page, 20))]
  await bench.expectAll(ids)
  const before = bench.gate.arrivals.length
  await page.evaluate(async () => {
    const cache = await caches.open('site')
    await cache.addAll([location.href, '/sdk.js'])
    await navigator.serviceWorker.register('/worker.js')
    const { active } = await navigator.serviceWorker.ready
    // Only then it gives pages, and `ready` may come before.
    while (active?.state !== 'activated')
      await new Promise((wait) => active?.addEventListener('statechange', wait, { once: true }))
  })
  await context.setOffline(true)
  ids.push(...(await trackDurably(page, 20)))
  await page.reload()
  expect(await page.evaluate(() => navigator.onLine)).toBe(false)
  ids.push(...(await trackDurably(page, 20)))
  // Longer than the interval, and than a start takes to look for what waits.
  await page.waitForTimeout(2_500)
  expect(bench.gate.arrivals).toHaveLength(before)
  await context.setOffline(false)
  await bench.expectAll(ids)
  await expect.poll(async () => (await statsOf(page)).pending).toBe(0)
  expect(bench.repeats()).toBe(0)
})

test('a backlog of 5,000 events of 1 kB is neither loaded at once nor slow to leave, and no task is long', async ({
  bench,
  context,
}) => {
  await context.addInitScript(() => {
    const scope = globalThis as unknown as { longTasks: number[]; read: number[] }
    scope.longTasks = []
    const observer = new PerformanceObserver((list) =>
      scope.longTasks.push(...list.getEntries().map(({ duration }) => duration)),
    )
    observer.observe({ entryTypes: ['longtask'] })
    const { getAll } = IDBObjectStore.prototype
    scope.read = []
    IDBObjectStore.prototype.getAll = function (...range) {
      const request = getAll.apply(this, range)
      request.addEventListener('success', () => scope.read.push(request.result.length))
      return request
    }
  })
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  const longTasks = (of: typeof page) => of.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks)
  const ids = await page.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: { track(event: object): string; persist(): Promise<string> } }
    const text = Array.from({ length: 120 }, (_, index) => `word${index}`).join(' ')
    const tracked: string[] = []
    for (let burst = 0; burst < 100; burst++) {
      for (let index = 0; index < 50; index++)
        tracked.push(rd.track({ event: 'big', userId: 'u', properties: { text } }))
      await rd.persist()
    }
    return tracked
  })
  const whileTracking = await longTasks(page)
  await page.close()
  // A start counts them, and reads what one try of a batch needs: a page of them each.
  const start = await bench.open(context, bench.relay)
  await expect.poll(() => statsOf(start)).toMatchObject({ pending: 5_000 })
  await expect.poll(() => toldTo(start)).toHaveLength(1)
  const read = await start.evaluate(() => (globalThis as unknown as { read: number[] }).read)
  expect(Math.max(...read)).toBeLessThanOrEqual(100)
  expect(read.reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(800)
  await start.close()
  await bench.gate.up()
  const startedAt = performance.now()
  const next = await bench.open(context, bench.relay)
  await expect
    .poll(() => bench.ingest.records.length, { timeout: 20_000, intervals: [100] })
    .toBeGreaterThanOrEqual(5_000)
  const tookMs = performance.now() - startedAt
  const figures = {
    tookMs: Math.round(tookMs),
    requests: bench.gate.arrivals.length,
    bytesAnEvent: Math.round(bench.gate.bytes / ids.length),
    longTasks: [...whileTracking, ...(await longTasks(next))],
  }
  console.log(JSON.stringify(figures))
  await bench.expectAll(ids)
  expect(tookMs).toBeLessThan(10_000)
  expect(figures.requests).toBeLessThanOrEqual(60)
  expect(figures.bytesAnEvent).toBeLessThanOrEqual(400)
  // 50 ms is the promise, which the benchmark measures: a machine that is busy with something else stops a task in its midst now and then.
  expect(figures.longTasks.filter((ms) => ms > 150).length).toBeLessThanOrEqual(1)
})

test('direct mode sends with the key to an ingest that allows it', async ({ bench, context }) => {
  const page = await bench.open(context, bench.direct)
  const ids = await trackDurably(page, 20)
  await bench.expectAll(ids)
  expect(bench.ingest.requests[0]!.headers).toMatchObject({ authorization: 'Bearer rk_test' })
  // The only mode with preflights: the key needs a header.
  ;(bench.gate.methods as string[]).splice(0)
})

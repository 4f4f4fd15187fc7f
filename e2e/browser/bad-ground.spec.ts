import { expect, expectConserved, statsOf, test, toldTo, trackDurably, withClient } from './support/bench'

const DAY_MS = 24 * 3_600_000

for (const days of [1, -1, 10, -10]) {
  const title = `a clock that jumps by ${days} days while the page runs makes nothing old and delays nothing`
  test(title, async ({ bench, context }) => {
    await context.addInitScript(() => {
      const { now } = Date
      const scope = globalThis as unknown as { skewMs: number }
      scope.skewMs = 0
      Date.now = () => now.call(Date) + scope.skewMs
    })
    await bench.gate.down()
    const page = await bench.open(context, bench.relay)
    const ids = [...(await trackDurably(page, 20))]
    await page.evaluate((ms) => ((globalThis as unknown as { skewMs: number }).skewMs = ms), days * DAY_MS)
    ids.push(...(await trackDurably(page, 20)))
    await bench.gate.up()
    await bench.expectAll(ids)
    await expect.poll(() => statsOf(page)).toMatchObject({ tracked: 40, delivered: 40, pending: 0, dropped: {} })
    // Back again, and an order of the receiver in between: it is never longer than it says.
    bench.ingest.fault('status', { status: 429, retryAfterSeconds: 1, times: 1 })
    ids.push(...(await trackDurably(page, 5)))
    await expect.poll(() => bench.ingest.requests.at(-1)?.status).toBe(429)
    await page.evaluate(() => ((globalThis as unknown as { skewMs: number }).skewMs = 0))
    ids.push(...(await trackDurably(page, 5)))
    await bench.expectAll(ids)
    expect(bench.repeats()).toBe(0)
  })
}

test('two versions of the SDK on one origin leave each other alone, and each delivers its own', async ({
  bench,
  context,
}) => {
  await bench.gate.down()
  const [now, next] = [await bench.open(context, bench.relay), await bench.open(context, bench.relay, { sdk: 'next' })]
  const ids = [...(await trackDurably(now, 30, 'now'))]
  const idsOfNext = await trackDurably(next, 30, 'next')
  // Only this version comes back at first: what it cannot read it neither sends nor counts nor deletes.
  await next.close()
  await now.reload()
  await bench.gate.up()
  await bench.expectAll(ids)
  await expect.poll(() => statsOf(now)).toMatchObject({ tracked: 30, delivered: 30, pending: 0, dropped: {} })
  ids.push(...(await trackDurably(now, 5)))
  await bench.expectAll(ids)
  expect(await toldTo(now)).toEqual([])

  const again = await bench.open(context, bench.relay, { sdk: 'next' })
  await bench.expectAll([...ids, ...idsOfNext])
  await expect.poll(() => statsOf(again)).toMatchObject({ delivered: 30, pending: 0, dropped: {} })
  expectConserved(await statsOf(now))
  expect(bench.repeats()).toBe(0)
})

test('without Web Locks three tabs drain at once: all arrive, and count once', async ({ bench, context }) => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }))
  await bench.gate.down()
  const pages = await Promise.all([0, 1, 2].map(() => bench.open(context, bench.relay)))
  const ids = (await Promise.all(pages.map((page) => trackDurably(page, 50)))).flat()
  await bench.gate.up()
  await bench.expectAll(ids)
  expect(bench.arrived()).toHaveLength(150)
  for (const page of pages) {
    await expect.poll(async () => (await statsOf(page)).pending).toBe(0)
    expectConserved(await statsOf(page))
  }
})

test('uploads that are triggered by size are at least 250 ms apart, and take all that waits', async ({
  bench,
  context,
}) => {
  const page = await bench.open(context, { ...bench.relay, uploadSize: 10 })
  const { ids, starts } = await page.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: { track(event: object): string } }
    const original = fetch
    const times: number[] = []
    globalThis.fetch = (input, init) => {
      times.push(performance.now())
      return original(input, init)
    }
    const tracked: string[] = []
    for (let burst = 0; burst < 40; burst++) {
      for (let index = 0; index < 8; index++) tracked.push(rd.track({ event: 'often', userId: 'u' }))
      await new Promise((wait) => setTimeout(wait, 40))
    }
    return { ids: tracked, starts: times }
  })
  await bench.expectAll(ids)
  // The first waits for gzip and lock to be loaded, and each for its gzip: on a busy machine as long as an upload takes.
  const [, second, ...later] = starts
  expect(later.length).toBeGreaterThanOrEqual(3)
  expect(later.at(-1)! - second! + 250).toBeGreaterThanOrEqual(later.length * 250)
})

const outage = 'a page that tracks 100,000 events in an outage keeps the newest, says what it dropped, and stays small'
// The heap is asked for by Chromium's own protocol.
test(outage, { tag: '@chromium' }, async ({ bench, context }) => {
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  const protocol = await context.newCDPSession(page)
  const heapBytes = async () => {
    await protocol.send('HeapProfiler.collectGarbage')
    return (await protocol.send('Runtime.getHeapUsage')).usedSize
  }
  const track = (bursts: number) =>
    page.evaluate(async (count) => {
      const { rd } = globalThis as unknown as { rd: { track(event: object): string; persist(): Promise<string> } }
      for (let burst = 0; burst < count; burst++) {
        for (let index = 0; index < 1_000; index++) rd.track({ event: 'many', userId: 'u', properties: { index } })
        await rd.persist()
      }
    }, bursts)
  await track(10)
  const heapWhenFull = await heapBytes()
  await track(90)
  expect(await heapBytes()).toBeLessThan(heapWhenFull + 2_000_000)
  const stats = await statsOf(page)
  expect(stats).toMatchObject({ tracked: 100_000, pending: 5_000, dropped: { queue_full: 95_000 } })
  expectConserved(stats)
  await bench.gate.up()
  await withClient(page, (rd) => rd.flush())
  await expect.poll(() => bench.arrived().length, { timeout: 20_000 }).toBe(5_000)
  expectConserved(await statsOf(page))
})

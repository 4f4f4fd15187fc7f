import { expect, expectConserved, statsOf, test, toldTo, trackDurably, withClient } from './support/bench'

test('one record too large for a receiver is dropped alone, and told', async ({ bench, context }) => {
  const page = await bench.open(context, bench.relay)
  bench.ingest.fault('status', { status: 413, overBytes: 30_000 })
  const ids = await page.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: { track(event: object): string; persist(): Promise<string> } }
    // Noise, so that gzip does not make it small.
    const noise = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(60_000))))
    const small = () => rd.track({ event: 'small', userId: 'u' })
    const before = Array.from({ length: 10 }, small)
    rd.track({ event: 'large', userId: 'u', properties: { noise } })
    const after = Array.from({ length: 10 }, small)
    await rd.persist()
    return [...before, ...after]
  })
  await bench.expectAll(ids)
  await expect.poll(() => statsOf(page)).toMatchObject({ delivered: 20, pending: 0, dropped: { too_large: 1 } })
  expectConserved(await statsOf(page))
  expect(await toldTo(page)).toEqual([expect.stringMatching(/^too_large: .*413/)])
})

for (const mode of ['relay', 'direct'] as const) {
  test(`one record in 100 that is refused costs nothing but itself (${mode})`, async ({ bench, context }) => {
    await bench.gate.down()
    const page = await bench.open(context, bench[mode])
    const good = [...(await trackDurably(page, 60)), ...(await trackDurably(page, 39))]
    await trackDurably(page, 1, 'poison')
    // Its farewell, which has the record as it was made, has failed before the server is back.
    await page.close()
    // Not by the client, which makes no such record: by a bug, or a hand in the storage.
    const hand = await bench.open(context)
    await hand.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('raindrop-js')
        request.onsuccess = () => resolve(request.result)
      })
      await new Promise((resolve) => {
        const store = db.transaction('queue', 'readwrite').objectStore('queue')
        store.openCursor().onsuccess = ({ target }) => {
          const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result
          if (!cursor) return resolve(undefined)
          const row = cursor.value as string
          const json = row.replace('"event":"poison"', '"event":12345678')
          if (json !== row) cursor.update(json)
          cursor.continue()
        }
      })
      db.close()
    })
    await hand.close()
    await bench.gate.up()
    const next = await bench.open(context, bench[mode])
    await bench.expectAll(good)
    await expect.poll(() => statsOf(next)).toMatchObject({ delivered: 99, pending: 0, dropped: { rejected: 1 } })
    expectConserved(await statsOf(next))
    expect(bench.repeats()).toBe(0)
    expect(bench.gate.arrivals.length).toBeLessThanOrEqual(9)
  })
}

test('a key that is refused holds the queue, is told once, and is tried again by flush()', async ({
  bench,
  context,
}) => {
  bench.ingest.fault('status', { status: 401 })
  const page = await bench.open(context, bench.direct)
  const ids = await trackDurably(page, 30)
  await expect.poll(() => toldTo(page)).toEqual([expect.stringMatching(/^unauthorised: /)])
  ids.concat(await trackDurably(page, 10))
  expect(await statsOf(page)).toMatchObject({ delivered: 0, pending: 40, dropped: {} })
  bench.ingest.fault('ok')
  await withClient(page, (rd) => rd.flush())
  await expect.poll(() => statsOf(page)).toMatchObject({ delivered: 40, pending: 0 })
  expect(bench.arrived()).toEqual(expect.arrayContaining([...ids]))
  expect(bench.repeats()).toBe(0)
  expect(await toldTo(page)).toHaveLength(1)
})

test('an answer that never ends is cut at the deadline, and its batch counts once', async ({ bench, context }) => {
  bench.ingest.fault('slow-body', { times: 1 })
  const page = await bench.open(context, { ...bench.relay, requestTimeoutMs: 1_000 })
  const ids = await trackDurably(page, 30)
  await expect.poll(() => statsOf(page)).toMatchObject({ delivered: 30, pending: 0 })
  await bench.expectAll(ids)
  expect(bench.arrived()).toHaveLength(30)
  expect(await toldTo(page)).toEqual([expect.stringMatching(/^timeout: /)])
})

const orders = {
  'a date': () => ({ status: 503, retryAfter: new Date(Date.now() + 4_000).toUTCString() }),
  'seconds with 503': () => ({ status: 503, retryAfterSeconds: 2 }),
  garbage: () => ({ status: 429, retryAfter: 'soon' }),
}
/** A date has no fractions of a second, and the first request takes a moment; garbage with 429 means five seconds. */
const soonestMs: Record<keyof typeof orders, number> = { 'a date': 1_900, 'seconds with 503': 2_000, garbage: 5_000 }

for (const how of Object.keys(orders) as Array<keyof typeof orders>) {
  test(`Retry-After as ${how} is waited for by three tabs together`, async ({ bench, context }) => {
    const pages = [0, 1, 2].map(() => bench.open(context, bench.relay))
    const [first, ...others] = await Promise.all(pages)
    // Tabs watch each other from their first record on.
    await bench.expectAll((await Promise.all(others.map((page) => trackDurably(page, 1)))).flat())
    const before = bench.gate.arrivals.length
    bench.ingest.fault('status', { ...orders[how](), times: 1 })
    const ids = [...bench.arrived(), ...(await trackDurably(first!, 10))]
    await expect.poll(() => toldTo(first!)).toHaveLength(1)
    for (const page of others) ids.push(...(await trackDurably(page, 10)))
    await bench.expectAll(ids)
    const [refused, next] = bench.gate.arrivals.slice(before)
    expect(next! - refused!).toBeGreaterThanOrEqual(soonestMs[how])
    expect(bench.repeats()).toBe(0)
  })
}

const barriers = {
  'a content security policy': { contentSecurityPolicy: "connect-src 'none'" },
  'a blocker': undefined,
}

for (const [what, variant] of Object.entries(barriers)) {
  test(`an endpoint behind ${what} costs nothing: one report, and delivery once it is gone`, async ({
    bench,
    context,
  }) => {
    let isBlocked = variant === undefined
    await context.route('**/relay*', (route) => (isBlocked ? route.abort('blockedbyclient') : route.continue()))
    const page = await bench.open(context, bench.relay, variant)
    const ids = await trackDurably(page, 30)
    await expect.poll(() => toldTo(page)).toEqual([expect.stringMatching(/^network: /)])
    // Two more tries, and a page hide that finds no way out either.
    await page.waitForTimeout(2_500)
    expect(await toldTo(page)).toHaveLength(1)
    expect(await statsOf(page)).toMatchObject({ tracked: 30, delivered: 0, pending: 30, storage: 'indexeddb' })
    await page.reload()
    await expect.poll(() => statsOf(page)).toMatchObject({ pending: 30 })
    expect(bench.ingest.requests).toEqual([])
    await page.close({ runBeforeUnload: true })
    isBlocked = false
    const next = await bench.open(context, bench.relay)
    await bench.expectAll(ids)
    await expect.poll(() => statsOf(next)).toMatchObject({ delivered: 30, pending: 0 })
    expectConserved(await statsOf(next))
  })
}

test('an injected fetch that never settles, and one that throws at once, are failures like others', async ({
  bench,
  context,
}) => {
  const page = await bench.open(context)
  await page.evaluate((relay) => {
    const scope = globalThis as unknown as { createClient(options: object): void; calls: number }
    scope.calls = 0
    scope.createClient({
      ...relay,
      requestTimeoutMs: 500,
      fetch: (...args: Parameters<typeof fetch>) => {
        scope.calls++
        if (scope.calls === 1) return new Promise(() => undefined)
        if (scope.calls === 2) throw new Error('no fetch today')
        return fetch(...args)
      },
    })
  }, bench.relay)
  const ids = await trackDurably(page, 10)
  await bench.expectAll(ids)
  await expect.poll(() => statsOf(page)).toMatchObject({ delivered: 10, pending: 0 })
  expect(bench.repeats()).toBe(0)
})

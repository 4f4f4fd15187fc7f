import { expect, statsOf, test, trackDurably } from './support/bench'

interface Client {
  track(event: object): string
}

/** What the page does as it goes away, told by a second channel. */
const quiet = { uploadIntervalMs: 60_000, uploadSize: 10_000 }

/** Counts in the page what leaves by which way. */
const countWaysOut = () => {
  const beacon = navigator.sendBeacon.bind(navigator)
  const scope = globalThis as unknown as { beacons: number; keepalives: number }
  scope.beacons = 0
  scope.keepalives = 0
  navigator.sendBeacon = (url, body) => {
    const isSent = beacon(url, body)
    if (isSent) scope.beacons++
    return isSent
  }
  const original = fetch
  globalThis.fetch = (input, init) => {
    if (init?.keepalive) scope.keepalives++
    return original(input, init)
  }
}

for (const way of ['close', 'navigation', 'reload'] as const) {
  test(`an event tracked inside pagehide arrives after a ${way}`, async ({ bench, context, browserName }) => {
    const page = await bench.open(context, { ...bench.relay, ...quiet })
    await page.evaluate(() => {
      addEventListener('pagehide', () => {
        const { rd } = globalThis as unknown as { rd: Client }
        rd.track({ event: 'last_words', userId: 'u', eventId: 'last-words' })
      })
    })
    const ids = [...(await trackDurably(page, 5)), 'last-words']
    if (way === 'close') await page.close({ runBeforeUnload: true })
    else if (way === 'reload') await page.reload()
    else await page.goto('about:blank')
    // Firefox drops one or the other request of a tab that closes: what it drops is on disk, and leaves at the next visit.
    const isSure = browserName === 'chromium' || way !== 'close'
    if (isSure) await expect.poll(() => bench.arrived().includes('last-words'), { timeout: 5_000 }).toBe(true)
    if (way === 'reload') return
    await bench.open(context, bench.relay)
    await bench.expectAll(ids)
    expect(bench.gate.methods).not.toContain('OPTIONS')
  })
}

// Where there is no localStorage to spill into, the transaction of IndexedDB that is begun in pagehide has to last.
for (const spill of ['spilled, too', 'in IndexedDB alone'] as const) {
  test(`an event tracked inside pagehide in an outage is on disk when a page of another site comes (${spill})`, async ({
    bench,
    context,
  }) => {
    const page = await context.newPage()
    if (spill === 'in IndexedDB alone') {
      await page.addInitScript(() => {
        Object.defineProperty(globalThis, 'localStorage', {
          get: () => {
            throw new DOMException('denied', 'SecurityError')
          },
        })
      })
    }
    await page.goto(bench.site.url({ ...bench.relay, ...quiet }))
    const ids = [...(await trackDurably(page, 5)), 'last-words']
    await page.evaluate(() => {
      addEventListener('pagehide', () => {
        const { rd } = globalThis as unknown as { rd: Client }
        rd.track({ event: 'last_words', userId: 'u', eventId: 'last-words' })
      })
    })
    await bench.gate.down()
    await page.goto(bench.site.url().replace('127.0.0.1', 'localhost'))
    // What left by keepalive or beacon has failed by now: only what is on disk is left.
    await page.waitForTimeout(1_000)
    await bench.gate.up()
    await bench.open(context, bench.relay)
    await bench.expectAll(ids)
  })
}

test('the first event of a page, tracked right before a reload in an outage, is not lost', async ({
  bench,
  context,
}) => {
  await bench.gate.down()
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  const ids = ['click-0', 'click-1', 'click-2', 'click-3']
  for (const eventId of ids) {
    const gone = page.waitForEvent('load')
    await page.evaluate((id) => {
      setTimeout(() => {
        ;(globalThis as unknown as { rd: Client }).rd.track({ event: 'click', userId: 'u', eventId: id })
        location.reload()
      })
    }, eventId)
    await gone
  }
  await page.close()
  await bench.gate.up()
  await bench.open(context, bench.relay)
  await bench.expectAll(ids)
})

test('a hidden page goes on tracking: 60 events in a row each leave by keepalive, and none is refused', async ({
  bench,
  context,
}) => {
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  const { ids, refused } = await page.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: Client & { stats(): { pending: number } } }
    const original = fetch
    let refusals = 0
    globalThis.fetch = async (input, init) => {
      try {
        return await original(input, init)
      } catch (error) {
        refusals++
        throw error
      }
    }
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    const tracked: string[] = []
    for (let index = 0; index < 60; index++) {
      tracked.push(rd.track({ event: 'hidden', userId: 'u', properties: { text: 'x'.repeat(10_000) } }))
      const giveUpAt = performance.now() + 1_000
      while (rd.stats().pending > 0 && performance.now() < giveUpAt) await new Promise((wait) => setTimeout(wait, 5))
    }
    return { ids: tracked, refused: refusals }
  })
  expect(refused).toBe(0)
  await bench.expectAll(ids)
  expect(bench.repeats()).toBe(0)
})

test('100 small requests in a row from a hidden page, one after the other, leave nothing behind', async ({
  bench,
  context,
}) => {
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  const { ids, pending } = await page.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: Client & { stats(): { pending: number } } }
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    const tracked: string[] = []
    let stuck = 0
    for (let index = 0; index < 100; index++) {
      tracked.push(rd.track({ event: 'hidden', userId: 'u' }))
      const giveUpAt = performance.now() + 3_000
      while (rd.stats().pending > 0 && performance.now() < giveUpAt) await new Promise((wait) => setTimeout(wait, 2))
      stuck += rd.stats().pending
    }
    return { ids: tracked, pending: stuck }
  })
  expect(pending).toBe(0)
  await bench.expectAll(ids)
  expect(bench.gate.arrivals).toHaveLength(100)
  expect(bench.repeats()).toBe(0)
})

test('a hidden page sends one batch by keepalive and the rest by beacons, which acknowledge nothing', async ({
  bench,
  context,
}) => {
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  await page.evaluate(countWaysOut)
  const ids = await page.evaluate(() => {
    const { rd } = globalThis as unknown as { rd: Client }
    const text = 'x'.repeat(1_000)
    const tracked = Array.from({ length: 70 }, () => rd.track({ event: 'big', userId: 'u', properties: { text } }))
    // Before anything of it could leave as usual.
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    return tracked
  })
  await bench.expectAll(ids, 5_000)
  const sent = await page.evaluate(() => {
    const { beacons, keepalives } = globalThis as unknown as { beacons: number; keepalives: number }
    return { beacons, keepalives }
  })
  expect(sent.keepalives).toBe(1)
  expect(sent.beacons).toBeGreaterThanOrEqual(1)
  // What a beacon took is sent again until somebody answers for it.
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  const stats = () => page.evaluate(() => (globalThis as unknown as { rd: { stats(): object } }).rd.stats())
  await expect.poll(stats).toMatchObject({ delivered: 70, pending: 0 })
  expect(bench.gate.methods).not.toContain('OPTIONS')
})

test('what leaves with a page is measured in bytes, not in characters', async ({ bench, context }) => {
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  await page.evaluate(countWaysOut)
  const { ids, keepalives } = await page.evaluate(() => {
    const scope = globalThis as unknown as { rd: Client; keepalives: number }
    // Three bytes each: 25,000 characters, more bytes than one request may have.
    const text = '語'.repeat(1_000)
    const tracked = Array.from({ length: 20 }, () =>
      scope.rd.track({ event: 'wide', userId: 'u', properties: { text } }),
    )
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    return { ids: tracked, keepalives: scope.keepalives }
  })
  expect(keepalives).toBe(1)
  await bench.expectAll(ids, 5_000)
  for (const { body } of bench.ingest.requests)
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(49_152)
})

test('a beacon that met a 503 has taken nothing', async ({ bench, context }) => {
  bench.ingest.fault('status', { status: 503 })
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  const ids = await trackDurably(page, 30)
  await page.close({ runBeforeUnload: true })
  await expect.poll(() => bench.gate.arrivals.length).toBeGreaterThan(0)
  bench.ingest.fault('ok')
  await bench.open(context, bench.relay)
  await bench.expectAll(ids)
})

test('where there is no keepalive, a beacon that was accepted and met a 503 has taken nothing', async ({
  bench,
  context,
}) => {
  await context.addInitScript(() => Reflect.deleteProperty(Request.prototype, 'keepalive'))
  bench.ingest.fault('status', { status: 503 })
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  const ids = await trackDurably(page, 30)
  const accepted = await page.evaluate(() => {
    const beacon = navigator.sendBeacon.bind(navigator)
    let count = 0
    navigator.sendBeacon = (url, body) => {
      const isSent = beacon(url, body)
      if (isSent) count++
      return isSent
    }
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    return count
  })
  expect(accepted).toBeGreaterThan(0)
  await expect.poll(() => bench.ingest.requests.at(-1)?.status).toBe(503)
  expect(await statsOf(page)).toMatchObject({ delivered: 0, pending: 30 })
  await page.close()
  bench.ingest.fault('ok')
  await bench.open(context, bench.relay)
  await bench.expectAll(ids)
  expect(bench.repeats()).toBe(0)
})

test('a page that has used up its keepalive budget itself still gets its events out', async ({ bench, context }) => {
  const page = await bench.open(context, { ...bench.relay, ...quiet })
  const ids = await trackDurably(page, 10)
  await page.evaluate((url) => {
    // Never answered, so that its share is never given back.
    void fetch(url, { method: 'POST', body: 'x'.repeat(64_000), keepalive: true, mode: 'no-cors' }).catch(
      () => undefined,
    )
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, `${bench.gate.origin}/elsewhere`)
  await bench.expectAll(ids, 5_000)
})

test('direct mode sends by keepalive with its key, and no beacon', async ({ bench, context }) => {
  const page = await bench.open(context, { ...bench.direct, ...quiet })
  const ids = await trackDurably(page, 10)
  await page.evaluate(() => {
    navigator.sendBeacon = () => {
      throw new Error('a beacon carries no key')
    }
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await bench.expectAll(ids, 5_000)
})

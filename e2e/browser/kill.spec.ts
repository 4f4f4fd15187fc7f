import { expect, test, trackDurably } from './support/bench'

for (const afterMs of [0, 5, 50, 1_000, 6_000]) {
  const title = `what was durable when the browser was killed ${afterMs} ms later, in an outage, arrives after a new start`
  test(title, { tag: '@chromium' }, async ({ bench, chromium }) => {
    await bench.gate.down()
    const page = await bench.open(await chromium.start(), bench.relay)
    const ids = await trackDurably(page, 100)
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
    await chromium.kill()

    await bench.gate.up()
    await bench.open(await chromium.start(), bench.relay)
    await bench.expectAll(ids)
    expect(bench.repeats()).toBe(0)
    expect(bench.gate.methods).not.toContain('OPTIONS')
  })
}

for (const moment of ['before the answer', 'as the answer comes'] as const) {
  const title = `a browser killed during a flush, ${moment}, loses nothing, and nothing counts twice`
  test(title, { tag: '@chromium' }, async ({ bench, chromium }) => {
    const page = await bench.open(await chromium.start(), bench.relay)
    if (moment === 'before the answer') bench.ingest.fault('slow', { delayMs: 5_000 })
    // The burst fills a batch by itself: its request may be over before the flush.
    const asked = bench.ingest.nextRequest()
    const ids = await trackDurably(page, 300)
    // The page may end before it hears of the end of its own flush.
    void page.evaluate(() => (globalThis as unknown as { rd: { flush(): Promise<object> } }).rd.flush()).catch(() => 0)
    await asked
    await chromium.kill()
    bench.ingest.fault('ok')
    await bench.open(await chromium.start(), bench.relay)
    await bench.expectAll(ids)
    expect(bench.arrived()).toHaveLength(300)
  })
}

import { expect, test, trackDurably } from './support/bench'

for (const afterMs of [50, 1_000, 6_000]) {
  const title = `what was durable when the browser was killed ${afterMs} ms later, in an outage, arrives after a new start`
  test(title, { tag: '@chromium' }, async ({ bench, chromium }) => {
    await bench.gate.down()
    const page = await bench.open(await chromium.start(), bench.relay)
    const ids = await trackDurably(page, 100)
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    await chromium.kill()

    await bench.gate.up()
    await bench.open(await chromium.start(), bench.relay)
    await bench.expectAll(ids)
    expect(bench.repeats()).toBe(0)
    expect(bench.gate.methods).not.toContain('OPTIONS')
  })
}

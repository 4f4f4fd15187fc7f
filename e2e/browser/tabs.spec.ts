import { expect, expectConserved, statsOf, test, trackDurably } from './support/bench'

test('three tabs race over 300 events of an outage: all arrive, none twice, and each tab adds up', async ({
  bench,
  context,
}) => {
  await bench.gate.down()
  const pages = await Promise.all([0, 1, 2].map(() => bench.open(context, bench.relay)))
  const ids = (await Promise.all(pages.map((page) => trackDurably(page, 100)))).flat()
  await bench.gate.up()
  await bench.expectAll(ids, 30_000)
  for (const page of pages) {
    await expect.poll(async () => (await statsOf(page)).pending, { timeout: 10_000 }).toBe(0)
    const stats = await statsOf(page)
    expectConserved(stats)
    expect(stats.delivered).toBeGreaterThanOrEqual(100)
  }
  expect(bench.repeats()).toBe(0)
  expect(bench.gate.methods).not.toContain('OPTIONS')
})

test('a tab that is closed leaves its events to the tabs that stay', async ({ bench, context }) => {
  await bench.gate.down()
  const [leaving, staying] = [await bench.open(context, bench.relay), await bench.open(context, bench.relay)]
  const ids = [...(await trackDurably(leaving, 50)), ...(await trackDurably(staying, 1))]
  await leaving.close()
  await bench.gate.up()
  await bench.expectAll(ids)
  await expect.poll(async () => (await statsOf(staying)).pending).toBe(0)
  expectConserved(await statsOf(staying))
})

test('two clients with two relays on one page never mix', async ({ bench, context }) => {
  const page = await bench.open(context)
  await bench.gate.down()
  const ids = await page.evaluate(async (relay) => {
    const { raindropJs } = globalThis as unknown as { raindropJs: { Raindrop: new (options: object) => any } }
    const quiet = { onError: () => undefined }
    const [a, b] = [
      new raindropJs.Raindrop({ relay, ...quiet }),
      new raindropJs.Raindrop({ relay: `${relay}?other`, ...quiet }),
    ]
    const tracked = [a.track({ event: 'a', userId: 'u' }), b.track({ event: 'b', userId: 'u' })]
    await Promise.all([a.persist(), b.persist()])
    return tracked as string[]
  }, bench.relay.relay)
  await page.goto('about:blank')
  await bench.gate.up()
  await page.goto(bench.site.url(bench.relay))
  await expect.poll(() => bench.arrived()).toEqual([ids[0]])
  await page.goto(bench.site.url({ relay: `${bench.relay.relay}?other` }))
  await bench.expectAll(ids)
})

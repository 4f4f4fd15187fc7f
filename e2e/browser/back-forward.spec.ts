import { expect, test, trackDurably, type PageClient } from './support/bench'

// Playwright starts its own Chromium without a back/forward cache, and loses sight of a page that comes out of one: this Chromium has it,
// and the page tells by what it tracks.
for (const state of ['at rest', 'in an outage', 'right after tracking'] as const) {
  const title = `a page that came back from the back/forward cache goes on where it was (${state})`
  test(title, { tag: '@chromium' }, async ({ bench, chromium }) => {
    const context = await chromium.start()
    if (state === 'in an outage') await bench.gate.down()
    const page = await bench.open(context, bench.relay)
    await page.evaluate(() => {
      const { rd } = globalThis as unknown as { rd: PageClient }
      addEventListener('pageshow', ({ persisted }) => {
        const { tracked, delivered, pending, storage } = rd.stats()
        const properties = { persisted, isConserved: tracked === delivered + pending, storage }
        rd.track({ event: 'back', userId: 'u', eventId: 'back', properties })
      })
    })
    const ids = [...(await trackDurably(page, 10)), 'back']
    if (state === 'at rest') await bench.expectAll(ids.slice(0, 10))
    await page.goto(bench.site.url().replace('127.0.0.1', 'localhost'))
    void page.evaluate(() => history.back()).catch(() => undefined)
    if (state === 'in an outage') {
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      await bench.gate.up()
    }
    await bench.expectAll(ids)
    const back = bench.ingest.events().find(({ eventId }) => eventId === 'back')
    expect(back?.body.properties).toMatchObject({ persisted: true, isConserved: true, storage: 'indexeddb' })
    expect(bench.arrived()).toHaveLength(11)
  })
}

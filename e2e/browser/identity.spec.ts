import { expect, statsOf, test, withClient } from './support/bench'

test('A tracks offline and logs out, B logs in: each event keeps its own user', async ({ bench, context }) => {
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  await withClient(page, async (rd) => {
    rd.track({ event: 'before', eventId: 'anonymous' })
    rd.identify({ userId: 'user_a' })
    rd.track({ event: 'by_a', eventId: 'a' })
    rd.reset()
    rd.track({ event: 'between', eventId: 'nobody' })
    rd.identify({ userId: 'user_b' })
    rd.track({ event: 'by_b', eventId: 'b' })
    await rd.persist()
  })
  await bench.gate.up()
  await expect.poll(() => bench.arrived().length).toBe(4)
  const users = Object.fromEntries(bench.ingest.events().map(({ eventId, body }) => [eventId, body.user_id as string]))
  expect(users).toMatchObject({ a: 'user_a', b: 'user_b' })
  expect(users['anonymous']).toMatch(/^anon_/)
  expect(users['nobody']).toMatch(/^anon_/)
  expect(users['nobody']).not.toBe(users['anonymous'])
  const identified = bench.ingest.records.filter(({ kind }) => kind === 'identify').map(({ body }) => body)
  expect(identified).toMatchObject([
    { user_id: 'user_a', traits: { anonymous_id: users['anonymous'] } },
    { user_id: 'user_b', traits: { anonymous_id: users['nobody'] } },
  ])
})

test('a visitor who never logs in is the same after a reload and in another tab', async ({ bench, context }) => {
  const page = await bench.open(context, bench.relay)
  const track = () => withClient(page, (rd) => rd.track({ event: 'visit' }))
  await track()
  await page.reload()
  await track()
  const other = await bench.open(context, bench.relay)
  await withClient(other, (rd) => rd.track({ event: 'visit' }))
  await expect.poll(() => bench.arrived().length).toBe(3)
  const users = new Set(bench.ingest.events().map(({ body }) => body.user_id))
  expect(users.size).toBe(1)
})

test('reset({ purge: true }) deletes what waits, from disk as well', async ({ bench, context }) => {
  await bench.gate.down()
  const page = await bench.open(context, bench.relay)
  await withClient(page, async (rd) => {
    for (let index = 0; index < 30; index++) rd.track({ event: 'secret' })
    await rd.persist()
    rd.reset({ purge: true })
    await rd.persist()
  })
  await expect
    .poll(async () => await statsOf(page), { timeout: 8_000 })
    .toMatchObject({ tracked: 30, pending: 0, dropped: { disabled: 30 } })
  await page.close()
  await bench.gate.up()
  const next = await bench.open(context, bench.relay)
  await next.waitForTimeout(3_000)
  expect(bench.gate.methods).toEqual([])
})

for (const way of ['a reload', 'another page', 'a reload of a page that tracked nothing yet'] as const) {
  test(`reset({ purge: true }) right before ${way} deletes what waits all the same`, async ({ bench, context }) => {
    await bench.gate.down()
    let page = await bench.open(context, bench.relay)
    await withClient(page, async (rd) => {
      for (let index = 0; index < 5; index++) rd.track({ event: 'secret' })
      await rd.persist()
    })
    if (way.endsWith('yet')) {
      await page.close()
      page = await bench.open(context, bench.relay)
    }
    const gone = page.waitForEvent('load')
    await page.evaluate((isReload) => {
      setTimeout(() => {
        ;(globalThis as unknown as { rd: { reset(options: object): void } }).rd.reset({ purge: true })
        if (isReload) location.reload()
        else location.href += '&other'
      })
    }, way !== 'another page')
    await gone
    await bench.gate.up()
    await withClient(page, async (rd) => {
      rd.track({ event: 'public', eventId: 'public' })
      await rd.flush()
    })
    await bench.expectAll(['public'])
    await expect.poll(async () => (await statsOf(page)).pending).toBe(0)
  })
}

test('without consent nothing at all is stored or sent; with it tracking begins', async ({ bench, context }) => {
  const page = await bench.open(context, { ...bench.relay, enabled: false })
  const traces = () =>
    page.evaluate(async () => ({
      databases: (await indexedDB.databases()).length,
      entries: localStorage.length,
      cookies: document.cookie,
    }))
  await withClient(page, async (rd) => {
    rd.track({ event: 'unseen' })
    rd.identify({ userId: 'u' })
    await rd.persist()
  })
  await page.waitForTimeout(3_000)
  expect(await traces()).toEqual({ databases: 0, entries: 0, cookies: '' })
  expect(bench.gate.methods).toEqual([])
  await withClient(page, (rd) => {
    rd.configure({ enabled: true })
    rd.track({ event: 'seen', eventId: 'seen' })
  })
  await bench.expectAll(['seen'])
})

test('names of Node throw an error that says what to do', async ({ bench, context }) => {
  const page = await bench.open(context)
  const message = await page.evaluate(() => {
    const { raindropJs } = globalThis as unknown as { raindropJs: { fileQueue(directory: string): object } }
    try {
      raindropJs.fileQueue('/tmp')
      return ''
    } catch (error) {
      return (error as Error).message
    }
  })
  expect(message).toContain('fileQueue needs a file system')
})

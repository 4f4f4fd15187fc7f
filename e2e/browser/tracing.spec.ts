import { expect, test } from './support/bench'

interface TracedClient {
  begin(input: object): { id: string; run<T>(fn: () => T): T; finish(output: string): void }
  withTask<T>(name: string, fn: () => T): T
  withTool<T>(name: string, fn: () => T): T
  persist(): Promise<string>
}

test('spans of an outage survive a reload, and arrive once each', async ({ bench, context }) => {
  await bench.gate.down()
  const options = { ...bench.relay, traced: true }
  const page = await bench.open(context, options)
  const eventId = await page.evaluate(async () => {
    const { rd } = globalThis as unknown as { rd: TracedClient }
    const interaction = rd.begin({ event: 'chat', userId: 'u', input: 'Hi' })
    interaction.run(() => {
      for (let step = 0; step < 25; step++) rd.withTask(`step ${step}`, () => rd.withTool('search', () => step))
    })
    interaction.finish('Hello')
    await rd.persist()
    return interaction.id
  })
  await page.reload()
  await bench.gate.up()

  const spans = () => bench.ingest.records.filter(({ kind }) => kind === 'spans')
  await expect.poll(() => spans().length, { timeout: 20_000 }).toBe(50)
  expect(new Set(spans().map(({ id }) => id)).size).toBe(50)
  await expect.poll(bench.arrived).toEqual([eventId])
  expect(JSON.stringify(spans().map(({ body }) => body))).toContain(eventId)
})

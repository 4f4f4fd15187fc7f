import type { BrowserContext } from '@playwright/test'
import { expect, expectConserved, statsOf, test, trackDurably, type Bench } from './support/bench'

/** Four tabs, the first of which is in a round that takes long, and holds the lock for it. */
async function fourTabs(bench: Bench, context: BrowserContext) {
  await context.addInitScript(() => {
    // The patience with a holder that does not answer, ten times as short.
    const { setTimeout: original } = globalThis
    globalThis.setTimeout = ((run: () => void, ms?: number) =>
      original(run, ms === 25_000 ? 2_500 : ms)) as typeof setTimeout
  })
  const options = { ...bench.relay, requestTimeoutMs: 8_000 }
  const holder = await bench.open(context, options)
  bench.ingest.fault('hang', { times: 1 })
  const ids = [...(await trackDurably(holder, 20))]
  await expect.poll(() => bench.gate.arrivals.length).toBe(1)
  await expect.poll(() => holder.evaluate(async () => (await navigator.locks.query()).held?.length)).toBe(1)
  const others = await Promise.all([0, 1, 2].map(() => bench.open(context, options)))
  for (const page of others) ids.push(...(await trackDurably(page, 20)))
  expect(bench.gate.arrivals).toHaveLength(1)
  return { holder, others, ids }
}

test(
  'a lock whose holder crashes passes to the other tabs, which deliver all',
  { tag: '@chromium' },
  async ({ bench, context }) => {
    const { holder, others, ids } = await fourTabs(bench, context)
    const protocol = await context.newCDPSession(holder)
    // Answers nobody: the renderer is gone.
    void protocol.send('Page.crash').catch(() => undefined)
    await holder.waitForEvent('crash')
    await bench.expectAll(ids)
    for (const page of others) {
      await expect.poll(async () => (await statsOf(page)).pending).toBe(0)
      expectConserved(await statsOf(page))
    }
    expect(bench.repeats()).toBe(0)
  },
)

test(
  'a lock whose holder is frozen is not waited for without end',
  { tag: '@chromium' },
  async ({ bench, context }) => {
    const { holder, others, ids } = await fourTabs(bench, context)
    const protocol = await context.newCDPSession(holder)
    await protocol.send('Page.setWebLifecycleState', { state: 'frozen' })
    await bench.expectAll(ids)
    for (const page of others) {
      await expect.poll(async () => (await statsOf(page)).pending).toBe(0)
      expectConserved(await statsOf(page))
    }
    await protocol.send('Page.setWebLifecycleState', { state: 'active' })
    await expect.poll(async () => (await statsOf(holder)).pending, { timeout: 30_000 }).toBe(0)
    expectConserved(await statsOf(holder))
    expect(bench.arrived()).toHaveLength(80)
  },
)

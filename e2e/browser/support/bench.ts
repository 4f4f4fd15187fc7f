import { test as base, expect, type Browser, type Page } from '@playwright/test'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { createGate, type Gate } from './gate'
import { createSite, type PageVariant, type Site } from './site'
import { withoutMediaFeatures } from './tolerant-firefox'
import { createKillableChromium, type KillableChromium } from './killable-chromium'

export { expect }

/** Ids of events that the page tracked. What `persist()` promised is known by the test, not only by the page. */
export type Ids = readonly string[]

/** The parts of the client that pages use, in the words of the page. */
export interface PageClient {
  track(event: object): string
  identify(user: object): void
  reset(options?: object): void
  configure(options: object): void
  persist(): Promise<string>
  stats(): Stats
  flush(): Promise<object>
}
export interface Stats {
  tracked: number
  delivered: number
  pending: number
  dropped: Record<string, number>
  storage: string
}

export interface Bench {
  readonly ingest: IngestServer
  readonly gate: Gate
  readonly site: Site
  /** Options of a client that talks to the relay. */
  readonly relay: { relay: string; requestTimeoutMs: number }
  readonly direct: { writeKey: string; endpoint: string }
  /** Distinct ids of events that arrived. */
  arrived(): Ids
  /** How often an event arrived that had arrived already. */
  repeats(): number
  /** Everything durable arrived, and nothing else did. */
  expectAll(ids: Ids, timeoutMs?: number): Promise<void>
  /** Opens a page that makes a client as it loads; fails the test when something in it throws. */
  open(context: { newPage(): Promise<Page> }, options?: object, variant?: PageVariant): Promise<Page>
  readonly pageErrors: readonly string[]
}

/** What Firefox logs of a failed request comes as an error of the page. Were it not caught, it would come once more as a rejection. */
const LOG_LINES = /^(The Same Origin Policy disallows|The page’s settings blocked|Cross-Origin Request Blocked)/

export const test = base.extend<{ bench: Bench; chromium: KillableChromium }, { browser: Browser }>({
  browser: [
    async ({ browser, browserName }, use) => use(browserName === 'firefox' ? withoutMediaFeatures(browser) : browser),
    { scope: 'worker' },
  ],
  // Playwright reads from the pattern which fixtures this one needs: none.
  // oxlint-disable-next-line no-empty-pattern
  bench: async ({}, use) => {
    const ingest = await startIngestServer()
    const gate = await createGate(new URL(ingest.url).origin)
    const site = await createSite()
    const pageErrors: string[] = []
    const arrived = () => ingest.events().map(({ eventId }) => eventId)
    await use({
      ingest,
      gate,
      site,
      relay: { relay: `${gate.origin}/relay`, requestTimeoutMs: 3_000 },
      direct: { writeKey: 'rk_test', endpoint: `${gate.origin}/v1/` },
      arrived,
      repeats: () => ingest.records.filter(({ kind }) => kind === 'event').length - arrived().length,
      async expectAll(ids, timeout = 20_000) {
        const missing = () => {
          const there = new Set(arrived())
          return ids.filter((id) => !there.has(id)).length
        }
        await expect.poll(missing, { timeout, message: 'durable events that did not arrive' }).toBe(0)
        const known = new Set(ids)
        expect(
          arrived().filter((id) => !known.has(id)),
          'events that nobody tracked',
        ).toEqual([])
      },
      async open(context, options, variant) {
        const page = await context.newPage()
        page.on('pageerror', ({ message }) => {
          if (!LOG_LINES.test(message)) pageErrors.push(message)
        })
        await page.goto(site.url(options, variant))
        return page
      },
      pageErrors,
    })
    await gate.down()
    await site.close()
    await ingest.close()
    expect(pageErrors, 'exceptions in the page').toEqual([])
    expect(ingest.flags).toEqual([])
  },
  // oxlint-disable-next-line no-empty-pattern
  chromium: async ({}, use) => {
    const chromium = await createKillableChromium()
    await use(chromium)
    await chromium.dispose()
  },
})

/** Runs in the page, with its client; what the function uses besides has to be in it. */
export const withClient = <T>(page: Page, use: (rd: PageClient) => T): Promise<Awaited<T>> =>
  page.evaluate(`(${use.toString()})(globalThis.rd)`)

/** Tracks a burst and resolves with its ids once `persist()` has promised them. */
export function trackDurably(page: Page, count: number, name = 'e2e'): Promise<Ids> {
  return page.evaluate(
    async ([many, event]) => {
      const { rd } = globalThis as unknown as { rd: PageClient }
      const ids = Array.from({ length: many }, (_, index) => rd.track({ event, userId: 'u', properties: { index } }))
      await rd.persist()
      return ids
    },
    [count, name] as const,
  )
}

export function statsOf(page: Page): Promise<Stats> {
  return page.evaluate(() => (globalThis as unknown as { rd: PageClient }).rd.stats())
}

export function expectConserved({ tracked, delivered, pending, dropped }: Stats): void {
  expect(delivered + pending + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(tracked)
}

export const toldTo = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { told: string[] }).told)

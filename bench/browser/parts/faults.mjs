import { setTimeout as sleep } from 'node:timers/promises'
import { createChromium } from '../chromium.mjs'
import { makeEvents } from '../events.mjs'
import { startSink } from '../start-sink.mjs'

const BURST = 100
/** Small, as most are: what a page may send when it goes away counts in bytes. */
const EVENT_BYTES = 300
/** After the last new event, for repeats to show up. */
const SETTLE_MS = 2_000
/** Clients that load settings, open databases and read queues do it before the fault. */
const START_MS = 1_500
const POLL_MS = 100

/** One contestant with a browser, a profile and a sink of its own. */
async function createBench(contestant, { site, chromiumPath }) {
  const sink = await startSink()
  const chromium = await createChromium(chromiumPath)
  let context

  const bench = {
    sink,
    async start() {
      ;[context] = (await chromium.start()).contexts()
    },
    /** `wound` runs in the page before anything else. */
    async open(wound) {
      const page = await context.newPage()
      if (wound) await page.addInitScript(wound)
      await page.goto(site.urlOfVisit(contestant, sink.endpoint))
      await page.waitForFunction(() => globalThis.ready !== undefined)
      await sleep(START_MS)
      return page
    },
    /** Tracks a burst in one turn of the event loop, then does `afterwards` in the same turn. */
    burst: (page, { first = 0, thenReload = false } = {}) =>
      page.evaluate(
        ([name, events, reloads]) => {
          for (const event of events) {
            try {
              globalThis.clients[name].track(event)
            } catch {
              globalThis.isBroken = true
            }
          }
          if (reloads) location.reload()
          return globalThis.isBroken
        },
        [contestant, makeEvents(BURST, first, EVENT_BYTES), thenReload],
      ),
    /** The visitor does something else after the fault: some SDKs try again only then. */
    goOn: (page) => page.evaluate(() => globalThis.trackUncounted()),
    kill: chromium.kill,
    /** Resolves with what the sink saw when all has arrived, or nobody can wait any longer. */
    async outcome(expected, patienceMs) {
      const deadline = performance.now() + patienceMs
      let seen = await sink.look()
      while (seen.events < expected && performance.now() < deadline) {
        await sleep(POLL_MS)
        seen = await sink.look()
      }
      await sleep(SETTLE_MS)
      return sink.look()
    },
    async dispose() {
      await chromium.dispose()
      sink.close()
    },
  }
  return bench
}

const killedAfter = (ms) => async (bench) => {
  const page = await bench.open()
  await bench.sink.down()
  await bench.burst(page)
  await sleep(ms)
  await bench.kill()
  await bench.sink.up()
  await bench.start()
  await bench.open()
  return bench.outcome(BURST, 15_000)
}

const wounded = (wound) => async (bench) => {
  const page = await bench.open(wound)
  const isBroken = await bench.burst(page)
  return { ...(await bench.outcome(BURST, 15_000)), isBroken }
}

function storageThrows() {
  for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
    Object.defineProperty(globalThis, name, {
      get() {
        throw new DOMException('denied', 'SecurityError')
      },
    })
  }
}

function quotaFull() {
  const full = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  Storage.prototype.setItem = full
  IDBObjectStore.prototype.put = full
  IDBObjectStore.prototype.add = full
}

/** Row of the table → what happens. Patience is long enough for every peer's own timeouts and backoff. */
export const FAULTS = {
  reload: {
    title: 'reload right after a burst',
    async run(bench) {
      const page = await bench.open()
      // The answer may be lost with the page.
      await bench.burst(page, { thenReload: true }).catch(() => undefined)
      return bench.outcome(BURST, 15_000)
    },
  },
  'kill-50': { title: 'server down, browser killed after 50 ms, reopened', run: killedAfter(50) },
  'kill-1000': { title: '… after 1 s', run: killedAfter(1_000) },
  'kill-6000': { title: '… after 6 s', run: killedAfter(6_000) },
  close: {
    title: 'server down, tab closed, reopened',
    async run(bench) {
      const page = await bench.open()
      await bench.sink.down()
      await bench.burst(page)
      await sleep(500)
      await page.close({ runBeforeUnload: true })
      await sleep(500)
      await bench.sink.up()
      await bench.open()
      return bench.outcome(BURST, 15_000)
    },
  },
  503: {
    title: '503 for 8 s',
    async run(bench) {
      const page = await bench.open()
      await bench.sink.fault({ mode: 'status' })
      await bench.burst(page)
      await sleep(8_000)
      const { refusedAt } = await bench.sink.look()
      await bench.sink.fault({ mode: 'ok' })
      await bench.goOn(page)
      return { ...(await bench.outcome(BURST, 40_000)), refusedAt }
    },
  },
  429: {
    title: '429 with Retry-After 2 s',
    async run(bench) {
      const page = await bench.open()
      await bench.sink.fault({ mode: 'limit', seconds: 2 })
      await bench.burst(page)
      await sleep(3_000)
      await bench.goOn(page)
      return bench.outcome(BURST, 25_000)
    },
  },
  hang: {
    title: 'three requests hang',
    async run(bench) {
      const page = await bench.open()
      await bench.sink.fault({ mode: 'hang', times: 3 })
      await bench.burst(page)
      await sleep(3_000)
      await bench.goOn(page)
      return bench.outcome(BURST, 60_000)
    },
  },
  tabs: {
    title: 'three tabs, server down, race of 300',
    expected: 3 * BURST,
    async run(bench) {
      const pages = [await bench.open(), await bench.open(), await bench.open()]
      await bench.sink.down()
      await Promise.all(pages.map((page, tab) => bench.burst(page, { first: tab * BURST })))
      await sleep(2_000)
      // What is in memory only is gone, and all three find the same queue.
      await Promise.all(pages.map((page) => page.reload()))
      await sleep(1_000)
      await bench.sink.up()
      await Promise.all(pages.map((page) => bench.goOn(page)))
      return bench.outcome(3 * BURST, 25_000)
    },
  },
  throws: { title: 'storage throws', run: wounded(storageThrows) },
  quota: { title: 'quota full', run: wounded(quotaFull) },
}

/** One cell: a fresh profile, a fresh sink. */
export async function runFault(fault, contestant, options) {
  const bench = await createBench(contestant, options)
  try {
    await bench.start()
    return await FAULTS[fault].run(bench)
  } finally {
    await bench.dispose()
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createChromium } from '../chromium.mjs'
import { FLOOR } from '../contestants.mjs'
import { makeEvents } from '../events.mjs'
import { startSink } from '../start-sink.mjs'

const EVENTS = 1_000
const WARM_EVENTS = 100
const PORTION = 20
const EVERY_MS = 40
/** Longer than the longest interval of any contestant. */
const QUIET_MS = 12_000

/** Most records of one request of ours. */
const BATCH = 100

/** Bytes that gzip leaves of an event itself, without anything around it. */
export function packedBytes() {
  const events = makeEvents(EVENTS)
  let bytes = 0
  for (let at = 0; at < EVENTS; at += BATCH) bytes += gzipSync(JSON.stringify(events.slice(at, at + BATCH))).length
  return bytes / EVENTS
}

/** CPU seconds of the processes that run pages. Chromium counts in hundredths. */
async function rendererSeconds(session) {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}

async function mainThread(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

const trackPaced = ([name, events, portion, everyMs]) =>
  new Promise((resolve) => {
    let tracked = 0
    const timer = setInterval(() => {
      const end = Math.min(events.length, tracked + portion)
      for (; tracked < end; tracked++) globalThis.clients[name].track(events[tracked])
      if (tracked < events.length) return
      clearInterval(timer)
      resolve()
    }, everyMs)
  })

/** Resolves when all are there, or nothing new has come for a while: some drop what they cannot hold. */
async function delivered(sink, events) {
  let seen = await sink.look()
  let lastAt = performance.now()
  while (seen.events < events && performance.now() - lastAt < QUIET_MS) {
    await sleep(100)
    const before = seen.events
    seen = await sink.look()
    if (seen.events > before) lastAt = performance.now()
  }
  return seen
}

/**
 * 1,000 events of 1 kB in a fresh browser, from the first call until the last is delivered. `around` is called before with a session of the
 * page, and what it resolves with afterwards: a profiler is started and ended there.
 */
export async function measureProcess(contestant, { site, chromiumPath, around }) {
  const sink = await startSink()
  const chromium = await createChromium(chromiumPath)
  try {
    const browser = await chromium.start()
    const page = await browser.contexts()[0].newPage()
    const ofBrowser = await browser.newBrowserCDPSession()
    const ofPage = await page.context().newCDPSession(page)
    await ofPage.send('Performance.enable', { timeDomain: 'threadTicks' })
    await page.goto(site.url([contestant], sink.endpoint))
    await page.evaluate(() => globalThis.ready)
    await sleep(500)
    const isDelivered = contestant !== FLOOR
    const warm = makeEvents(WARM_EVENTS, EVENTS)
    await page.evaluate(trackPaced, [contestant, warm, PORTION, EVERY_MS])
    if (isDelivered) await delivered(sink, WARM_EVENTS)
    await sink.reset()
    // Handed over before the clock starts: an app has its events.
    await page.evaluate((events) => {
      globalThis.events = events
    }, makeEvents(EVENTS))
    const end = await around?.(ofPage)
    const [cpu, thread] = [await rendererSeconds(ofBrowser), await mainThread(ofPage)]
    await page.evaluate(`(${trackPaced})(['${contestant}', globalThis.events, ${PORTION}, ${EVERY_MS}])`)
    const seen = isDelivered ? await delivered(sink, EVENTS) : undefined
    // Answers are part of the price.
    await sleep(300)
    const [cpuAfter, threadAfter] = [await rendererSeconds(ofBrowser), await mainThread(ofPage)]
    await end?.()
    return {
      cpuMs: (cpuAfter - cpu) * 1_000,
      taskMs: (threadAfter.TaskDuration - thread.TaskDuration) * 1_000,
      scriptMs: (threadAfter.ScriptDuration - thread.ScriptDuration) * 1_000,
      delivered: seen?.events ?? 0,
      repeats: seen?.repeats ?? 0,
      requests: seen?.requests ?? 0,
      preflights: seen?.preflights ?? 0,
      bytesPerEvent: seen ? seen.bytes / Math.max(1, seen.events + seen.repeats) : 0,
    }
  } finally {
    await chromium.dispose()
    sink.close()
  }
}

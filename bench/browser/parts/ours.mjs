import { setTimeout as sleep } from 'node:timers/promises'
import { createChromium } from '../chromium.mjs'
import { FLOOR, OURS } from '../contestants.mjs'
import { makeEvents } from '../events.mjs'
import { startSink } from '../start-sink.mjs'

const EVENTS = 5_000
const PORTION = 50
const EVERY_MS = 20
const PATIENCE_MS = 60_000
const LONG_US = 50_000
/** The first attempt, of three tries, is over by then; what backs off comes later. */
const FIRST_ATTEMPT_MS = 2_000

/** What was refused in the row of the 503, before backing off, and in all. */
export function refusals({ refusedAt }) {
  const first = refusedAt.filter((at) => at - refusedAt[0] < FIRST_ATTEMPT_MS)
  return { beforeBackingOff: first.length, inOutage: refusedAt.length }
}

/**
 * Tasks of a page's main thread that took over 50 ms. By the clock they are what the browser itself calls long; by their CPU they are long
 * on a machine that has nothing else to do as well.
 */
async function traceTasks(session) {
  const tasks = []
  const collect = ({ value }) => {
    for (const { name, dur = 0, tdur = 0, ...rest } of value) {
      if (name.endsWith('RunTask') && dur > LONG_US) tasks.push({ dur, tdur, ...rest })
      else if (name === 'thread_name' && rest.args.name === 'CrRendererMain') mains.add(`${rest.pid} ${rest.tid}`)
    }
  }
  const mains = new Set()
  session.on('Tracing.dataCollected', collect)
  await session.send('Tracing.start', { categories: 'toplevel,__metadata', transferMode: 'ReportEvents' })
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    const ofPages = tasks.filter(({ pid, tid }) => mains.has(`${pid} ${tid}`))
    return {
      byClock: ofPages.length,
      longestMs: Math.max(0, ...ofPages.map(({ dur }) => dur / 1_000)),
      byCpu: ofPages.filter(({ tdur }) => tdur > LONG_US).length,
      longestCpuMs: Math.max(0, ...ofPages.map(({ tdur }) => tdur / 1_000)),
    }
  }
}

const trackPaced = ([name, portion, everyMs]) =>
  new Promise((resolve) => {
    let tracked = 0
    const timer = setInterval(() => {
      const end = Math.min(globalThis.events.length, tracked + portion)
      for (; tracked < end; tracked++) globalThis.clients[name].track(globalThis.events[tracked])
      if (tracked < globalThis.events.length) return
      clearInterval(timer)
      resolve()
    }, everyMs)
  })

async function untilDelivered(sink) {
  const startedAt = performance.now()
  for (;;) {
    const seen = await sink.look()
    const tookMs = performance.now() - startedAt
    if (seen.events >= EVENTS || tookMs > PATIENCE_MS) return { ...seen, tookMs }
    await sleep(20)
  }
}

async function withPages(contestant, { site, chromiumPath }, use) {
  const sink = await startSink()
  const chromium = await createChromium(chromiumPath)
  try {
    const browser = await chromium.start()
    const [context] = browser.contexts()
    const session = await browser.newBrowserCDPSession()
    return await use({
      sink,
      async open() {
        const page = await context.newPage()
        await page.goto(site.url([contestant], sink.endpoint))
        return page
      },
      async give(page) {
        await page.evaluate((events) => {
          globalThis.events = events
        }, makeEvents(EVENTS))
        // Taking them in is a long task of its own.
        await sleep(500)
      },
      track: (page) => page.evaluate(trackPaced, [contestant, PORTION, EVERY_MS]),
      traceTasks: () => traceTasks(session),
    })
  } finally {
    await chromium.dispose()
    sink.close()
  }
}

/** Long tasks while 5,000 events are tracked and delivered. Of the floor, where it takes the same events and sends nothing: those of the machine. */
export const measureLongTasks = (contestant, options) =>
  withPages(contestant, options, async ({ sink, open, give, track, traceTasks }) => {
    const page = await open()
    await sleep(1_000)
    await give(page)
    const endTrace = await traceTasks()
    await track(page)
    const { events, requests } = contestant === FLOOR ? {} : await untilDelivered(sink)
    await sleep(500)
    return { events, requests, ...(await endTrace()) }
  })

/** 5,000 events that an earlier page left, drained by the next one. */
export const measureBacklog = (options) =>
  withPages(OURS, options, async ({ sink, open, give, track, traceTasks }) => {
    const page = await open()
    await sleep(500)
    await sink.down()
    await give(page)
    await track(page)
    await page.evaluate((name) => globalThis.clients[name].persist(), OURS)
    await page.close()
    await sink.up()
    const endTrace = await traceTasks()
    await open()
    const { events, requests, repeats, bytes, tookMs } = await untilDelivered(sink)
    const seconds = tookMs / 1_000
    await sleep(500)
    return { events, requests, seconds, bytesPerEvent: bytes / Math.max(1, events + repeats), ...(await endTrace()) }
  })

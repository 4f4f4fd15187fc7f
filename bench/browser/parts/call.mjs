import { createChromium } from '../chromium.mjs'
import { CONTESTANTS, FLOOR } from '../contestants.mjs'
import { makeEvents } from '../events.mjs'
import { startSink } from '../start-sink.mjs'

/** Short enough that no contestant's batch is full in the middle of each burst. */
const CALLS = 10
const BURSTS_PER_ROUND = 5
const WARM_ROUNDS = 3

/** Runs in the page: bursts of each contestant in turn, each round beginning with another one. */
async function measure([names, events, calls, bursts, round]) {
  const { port1, port2 } = new MessageChannel()
  /** The next task: microtasks that the calls left have run. */
  const nextTask = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve
      port2.postMessage(0)
    })
  const times = Object.fromEntries(names.map((name) => [name, { call: [], whole: [] }]))
  for (let burst = 0; burst < bursts; burst++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + burst + round) % names.length]
      const { track } = globalThis.clients[name]
      // What the one before started (requests, answers, writes) is not this one's.
      await new Promise((resolve) => setTimeout(resolve, 40))
      await nextTask()
      const next = new Promise((resolve) => {
        port1.onmessage = resolve
      })
      const begun = performance.now()
      for (let index = 0; index < calls; index++) track(events[(burst * calls + index) % events.length])
      const called = performance.now()
      port2.postMessage(0)
      await next
      const settled = performance.now()
      times[name].call.push(((called - begun) * 1_000) / calls)
      times[name].whole.push(((settled - begun) * 1_000) / calls)
    }
  }
  return times
}

/** µs of a call, all contestants in one page. Resolves with the times of each burst by contestant. */
export async function measureCalls({ site, chromiumPath, rounds, contestants = CONTESTANTS, onRound }) {
  const names = [FLOOR, ...contestants]
  const sink = await startSink()
  const chromium = await createChromium(chromiumPath)
  try {
    const [context] = (await chromium.start()).contexts()
    const page = await context.newPage()
    await page.goto(site.url(names, sink.endpoint))
    await page.evaluate(() => globalThis.ready)
    const events = makeEvents(CALLS * BURSTS_PER_ROUND)
    const all = Object.fromEntries(names.map((name) => [name, { call: [], whole: [] }]))
    for (let round = -WARM_ROUNDS; round < rounds; round++) {
      const turn = round + WARM_ROUNDS
      const times = await page.evaluate(measure, [names, events, CALLS, BURSTS_PER_ROUND, turn])
      if (round < 0) continue
      for (const name of names) {
        all[name].call.push(...times[name].call)
        all[name].whole.push(...times[name].whole)
      }
      onRound?.(round + 1)
    }
    return all
  } finally {
    await chromium.dispose()
    sink.close()
  }
}

// CPU of the call, and of the turn: the call and the microtasks it leaves behind, which run before the process can do anything else.
// Nothing is delivered while it is timed. Events are made right before their burst, since an app's events come fresh from its hands:
// a pool made long before would measure the misses of the cache.
import { setFlagsFromString } from 'node:v8'
import { openContestant } from '../contestants/open.mjs'
import { cpuSince, deliver, finish, task } from '../harness/child.mjs'
import { makeEvents } from '../harness/events.mjs'

// The only way to run them at once: whatever else comes after a turn may bring timers and sockets with it.
setFlagsFromString('--allow-natives-syntax')
const runMicrotasks = new Function('%PerformMicrotaskCheckpoint()')

const { address, contestant, burst, burstsPerDelivery, calls, mostMs, isDelivered } = task
const client = await openContestant(contestant, { address, batchSize: 100, isPaused: true })
let bursts = 0

function timeBurst() {
  const events = makeEvents(burst, burst * bursts).map(client.shape)
  const before = process.cpuUsage()
  for (let at = 0; at < burst; at++) client.track(events[at])
  const call = cpuSince(before)
  runMicrotasks()
  return { call, turn: cpuSince(before) }
}

/** `calls` of them; fewer where that many would take too long. Slow calls need fewer for a sharp figure. */
async function timeCalls() {
  const sum = { call: 0, turn: 0, count: 0 }
  while (sum.count < calls && sum.turn < mostMs * 1_000) {
    // Not in a promise's turn, where microtasks cannot be run to their end.
    const { call, turn } = await new Promise((resolve) => setImmediate(() => resolve(timeBurst())))
    bursts++
    sum.call += call
    sum.turn += turn
    sum.count += burst
    if (bursts % burstsPerDelivery > 0) continue
    if (isDelivered) await deliver(client, address, burst * bursts)
    else await client.flush()
  }
  return { call: sum.call / sum.count, turn: sum.turn / sum.count }
}

// Warm-up: compiled code is what a server runs.
await timeCalls()
finish(await timeCalls())

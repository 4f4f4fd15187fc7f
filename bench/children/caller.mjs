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

const { address, contestant, burst, warmUps, bursts, burstsPerDelivery, isDelivered } = task
const client = await openContestant(contestant, { address, batchSize: 100, isPaused: true })

function timeBurst(index) {
  const events = makeEvents(burst, burst * index).map(client.shape)
  const before = process.cpuUsage()
  for (let at = 0; at < burst; at++) client.track(events[at])
  const call = cpuSince(before)
  runMicrotasks()
  return { call, turn: cpuSince(before) }
}

let call = 0
let turn = 0
for (let index = 0; index < warmUps + bursts; index++) {
  // Not in a promise's turn, where microtasks cannot be run to their end.
  const times = await new Promise((resolve) => setImmediate(() => resolve(timeBurst(index))))
  if (index >= warmUps) {
    call += times.call
    turn += times.turn
  }
  if ((index + 1) % burstsPerDelivery > 0) continue
  if (isDelivered) await deliver(client, address, burst * (index + 1))
  else await client.flush()
}
finish({ call: call / (burst * bursts), turn: turn / (burst * bursts) })

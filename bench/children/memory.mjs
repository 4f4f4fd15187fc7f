// Memory over what the process had before it loaded the contestant. Events are made one by one and let go after the call, as an app
// does it: of a pool that is held anyway, a snapshot would get its texts for nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { openContestant } from '../contestants/open.mjs'
import { deliver, finish, pace, task } from '../harness/child.mjs'
import { makeEvent } from '../harness/events.mjs'

const MIB = 1_048_576
const SAMPLE_MS = 5
const SAMPLE_CALLS = 200

const { address, contestant, batchSize, maxQueueSize, count, rhythm } = task

async function settledHeap() {
  globalThis.gc()
  await sleep(50)
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

makeEvent(0)
const idleHeap = await settledHeap()
const idleRss = process.memoryUsage.rss()
let peak = idleRss
const sample = () => (peak = Math.max(peak, process.memoryUsage.rss()))

const client = await openContestant(contestant, { address, batchSize, maxQueueSize })
const sampling = setInterval(sample, SAMPLE_MS)
const track = (index) => {
  client.track(makeEvent(index))
  if (index % SAMPLE_CALLS === 0) sample()
}
if (rhythm) await pace(count, rhythm, track)
else for (let index = 0; index < count; index++) track(index)
sample()
const { requests } = await deliver(client, address, count)
clearInterval(sampling)
finish({
  rss: (peak - idleRss) / MIB,
  heap: ((await settledHeap()) - idleHeap) / MIB,
  perRequest: count / requests,
  dropped: client.stats ? Object.values(client.stats().dropped).reduce((sum, drops) => sum + drops, 0) : 0,
})

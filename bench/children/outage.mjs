// Nobody listens at the address. What is held must stop growing when the queue is full.
import { openContestant } from '../contestants/open.mjs'
import { finish, pace, task } from '../harness/child.mjs'
import { makeEvent } from '../harness/events.mjs'

const MIB = 1_048_576
const { contestant, steps, step, rhythm } = task
const client = await openContestant(contestant, { address: 'http://127.0.0.1:9', batchSize: undefined })
const heaps = []
const rss = []
for (let index = 0; index < steps; index++) {
  await pace(step, rhythm, (at) => client.track(makeEvent(index * step + at)))
  globalThis.gc()
  heaps.push(process.memoryUsage().heapUsed / MIB)
  rss.push(process.memoryUsage.rss() / MIB)
}
const { tracked, pending, dropped } = client.stats()
finish({ heaps, rss, tracked, pending, queueFull: dropped.queue_full })

// CPU of the whole process, from the first call until the last event has arrived.
import { openContestant } from '../contestants/open.mjs'
import { cpuSince, deliver, finish, pace, task } from '../harness/child.mjs'
import { makeEvents } from '../harness/events.mjs'

const { address, contestant, batchSize, warmUp, count, rhythm } = task
const client = await openContestant(contestant, { address, batchSize })
const events = makeEvents(warmUp + count).map(client.shape)

// The events are old by now for an app; moving them about is not the contestant's work.
globalThis.gc()
globalThis.gc()
await pace(warmUp, rhythm, (index) => client.track(events[index]))
const warm = await deliver(client, address, warmUp)

const before = process.cpuUsage()
let microseconds = 0
await pace(count, rhythm, (index) => client.track(events[warmUp + index]))
const { requests } = await deliver(client, address, warmUp + count, () => (microseconds = cpuSince(before)))
finish({ perEvent: microseconds / count, perRequest: count / (requests - warm.requests) })

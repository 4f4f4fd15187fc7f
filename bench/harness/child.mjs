// What the measuring processes share.
import { setTimeout as sleep } from 'node:timers/promises'

export const task = JSON.parse(process.argv[2])

/** Longer than this, and something was lost. */
const DELIVERY_MS = 20_000

/** The last word of a measurement. What a contestant keeps running must not keep the process. */
export function finish(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
}

/** User and system time of all threads since `before`: garbage collection and compilation are part of the price. */
export function cpuSince(before) {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Hands out items in equal portions at equal distances, or as fast as the process can. */
export async function pace(items, { portion, everyMs }, take) {
  let taken = 0
  while (taken < items) {
    const end = Math.min(items, taken + portion)
    for (; taken < end; taken++) take(taken)
    await sleep(everyMs)
  }
}

/** What has arrived at an address: requests, events, bytes. */
async function countAt(address) {
  const response = await fetch(address)
  return await response.json()
}

/**
 * Flushes until `expected` events are at the sink. Some flushes resolve before that; then the waiting counts too. `seen` is called right
 * after each flush, before the sink is asked, so that asking costs nobody.
 */
export async function deliver(client, address, expected, seen = () => undefined) {
  const deadline = performance.now() + DELIVERY_MS
  for (;;) {
    await client.flush()
    seen()
    const count = await countAt(address)
    if (count.events === expected) return count
    if (count.events > expected) throw new Error(`${count.events} events arrived where ${expected} were tracked`)
    if (performance.now() > deadline) throw new Error(`${count.events} of ${expected} events arrived`)
    await sleep(5)
  }
}

/** Runs `work` while no other tab of the namespace does. */
export type Lease = <T>(work: () => Promise<T>) => Promise<T>

/**
 * One tab drains the queue at a time, for one round only: a lock held for the life of a page would keep it out of the back/forward cache.
 * Without Web Locks every tab drains: correctness rests on ids, locks only save requests.
 */
export function createTabLease(namespace: string): Lease {
  return async (work) => {
    const locks = globalThis.navigator?.locks
    if (!locks) return await work()
    let begun = false
    const run = () => {
      begun = true
      return work()
    }
    try {
      return await locks.request(`raindrop-js/${namespace}`, run)
    } catch (error) {
      // In a sandboxed frame asking is refused before anything ran.
      if (begun) throw error
      return await work()
    }
  }
}

/** Longest wait for another tab's round: two requests that time out. A frozen tab may hold its lock for ever. */
const PATIENCE_MS = 25_000

function findLocks(): LockManager | undefined {
  try {
    return globalThis.navigator?.locks
  } catch {
    return undefined
  }
}

/**
 * One tab drains the queue at a time, for one round only: a lock held for the life of a page would keep it out of the back/forward cache.
 * Without Web Locks every tab drains: correctness rests on ids, locks only save requests.
 */
export function createTabLease(name: string): <T>(work: () => Promise<T>) => Promise<T> {
  return async (work) => {
    const locks = findLocks()
    if (!locks) return await work()
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS)
    let begun = false
    const run = () => {
      begun = true
      clearTimeout(timer)
      return work()
    }
    try {
      return await locks.request(name, { signal: patience.signal }, run)
    } catch (error) {
      // In a sandboxed frame asking is refused before anything ran.
      if (begun) throw error
      return await run()
    }
  }
}

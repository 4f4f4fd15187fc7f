import type { Clock } from '../core/ports.js'

/** What timers take; more would fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/** The runtime's own time. Timers do not keep a process alive unless asked to. */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    random: () => Math.random(),
    after(ms, run, keepAlive = false) {
      // Browsers and workerd give a number, Node and Deno an object.
      const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS)) as number | { unref?: () => void }
      if (!keepAlive && typeof timer === 'object') timer.unref?.()
      return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
    },
  }
}

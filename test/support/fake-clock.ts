import type { Clock } from '../../src/core/ports.js'

export interface FakeClock extends Clock {
  /** Runs what is due within that time, in its order, and lets everything that follows from it happen. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock; `elapsed` goes on as if nothing had happened. */
  setNow(ms: number): void
  /** Timers that wait. */
  readonly timers: number
}

export interface FakeClockOptions {
  /** Default: 2026-11-20T12:00:00Z. */
  now?: number
  /** Default 0.5: no jitter. */
  random?: number
  /** Everything that needs no timer has happened. Default: one turn of the event loop. */
  settled?: () => Promise<void>
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Time that passes only when told to. */
export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  const { random = 0.5, settled = turn } = options
  const timers = new Set<Timer>()
  let wall = options.now ?? Date.parse('2026-11-20T12:00:00Z')
  let elapsed = 0

  function passTo(at: number): void {
    wall += at - elapsed
    elapsed = at
  }

  function nextUntil(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of timers) if (timer.at <= end && (!first || timer.at < first.at)) first = timer
    return first
  }

  return {
    now: () => wall,
    elapsed: () => elapsed,
    random: () => random,
    after(ms, run) {
      const timer = { at: elapsed + Math.max(0, ms), run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const end = elapsed + ms
      await settled()
      // A loop that wakes itself without time going on would otherwise hang the test instead of failing it.
      for (let timer = nextUntil(end), left = 10_000; timer; timer = nextUntil(end)) {
        if (left-- === 0)
          throw new Error(`the clock stands still at ${elapsed} ms: a timer starts itself over and over`)
        timers.delete(timer)
        passTo(Math.max(elapsed, timer.at))
        timer.run()
        await settled()
      }
      passTo(end)
    },
    setNow(ms) {
      wall = ms
    },
    get timers() {
      return timers.size
    },
  }
}

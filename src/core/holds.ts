import type { Clock } from './ports.js'
import type { Reserved } from './reservations.js'
import { holdMs } from './retry.js'

interface Hold {
  readonly tries: number
  until: number
  readonly status: number
  /** The one record on its way that finds out whether the route takes records again. */
  trial?: readonly Reserved[] | undefined
}

/** Routes that refuse whatever is sent: a key was changed, a deployment went wrong. Each is tried with one record from time to time. */
export interface Holds {
  readonly count: number
  /** Most records of a request on this route: none while it is held, one when it is to be tried. */
  allowance(route: string, usual: number): number
  /** A request leaves; returns what to call when it is back. */
  leaving(route: string, records: readonly Reserved[]): () => void
  /** Returns how often it was tried, or undefined for what was sent before the route was held: it says nothing new. */
  hold(route: string, records: readonly Reserved[], status: number): number | undefined
  accepted(routes: ReadonlySet<string>): void
  /** Somebody asked for a try. */
  tryAll(): void
  isTrialDue(): boolean
  /** The next trial that is not due yet. */
  nextTrial(): number | undefined
}

export function createHolds(clock: Clock): Holds {
  const holds = new Map<string, Hold>()
  /** Routes that were let go because another one took records: refused once more, they have a reason of their own. */
  const lifted = new Set<string>()
  return {
    get count() {
      return holds.size
    },
    allowance(route, usual) {
      const hold = holds.get(route)
      if (!hold) return usual
      return !hold.trial && hold.until <= clock.elapsed() ? 1 : 0
    },
    leaving(route, records) {
      const hold = holds.get(route)
      if (!hold) return () => undefined
      hold.trial = records
      return () => (hold.trial = undefined)
    },
    hold(route, records, status) {
      const known = holds.get(route)
      if (known && known.trial !== records) return undefined
      const tries = (known?.tries ?? 0) + 1
      holds.set(route, { tries, until: clock.elapsed() + holdMs(tries), status })
      return tries
    },
    accepted(routes) {
      for (const route of routes) lifted.delete(route)
      for (const [route, { status }] of holds) {
        const isAccepted = routes.has(route)
        // A key that one route takes again is likely to be good for all of them.
        const mayBe = (status === 401 || status === 403) && !lifted.has(route)
        if (!isAccepted && !mayBe) continue
        holds.delete(route)
        if (!isAccepted) lifted.add(route)
      }
    },
    tryAll() {
      for (const hold of holds.values()) hold.until = clock.elapsed()
    },
    isTrialDue: () => [...holds.values()].some(({ until }) => until <= clock.elapsed()),
    nextTrial() {
      const now = clock.elapsed()
      const times = [...holds.values()].filter(({ until }) => until > now).map(({ until }) => until)
      return times.length > 0 ? Math.min(...times) : undefined
    },
  }
}

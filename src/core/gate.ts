import type { Clock } from './ports.js'
import { backoffMs } from './retry.js'

/** Whether anything may be sent at all: closed for a while after each failure, and for as long as a receiver asks. */
export interface Gate {
  /** In a row, without an answer about the records. */
  readonly failures: number
  /** Closed by Retry-After: not even flush() goes past it. */
  readonly isOrdered: boolean
  readonly until: number
  isOpen(): boolean
  waitMs(): number
  /** `epoch`: what `failures` was when the request left. Requests that were under way together fail together, as one failure. */
  failed(epoch: number, minWaitMs: number): void
  /** Somebody else could not reach the receiver. */
  heard(failures: number, waitMs: number): void
  /** The receiver said when. */
  ordered(waitMs: number): void
  /** An answer about the records, whatever it says: the outage is over. A Retry-After that another request brought stays in force. */
  reached(): void
  /** Somebody asked for a try: opens, unless ordered. */
  open(): void
  /** Opens at a moment that is earlier than the backoff would have it. */
  openAt(elapsed: number): void
}

export function createGate(clock: Clock): Gate {
  let failures = 0
  let until = 0
  let ordered = false
  const isOpen = (): boolean => until <= clock.elapsed()

  return {
    get failures() {
      return failures
    },
    get isOrdered() {
      return ordered
    },
    get until() {
      return until
    },
    isOpen,
    waitMs: () => Math.max(0, Math.round(until - clock.elapsed())),
    failed(epoch, minWaitMs) {
      if (epoch === failures || failures === 0) failures++
      // From the last of them on: in that pause nothing keeps a process alive that has nothing else to do.
      const next = clock.elapsed() + Math.max(backoffMs(failures, clock.random()), minWaitMs)
      ordered &&= !isOpen()
      until = ordered ? Math.max(until, next) : next
    },
    heard(others, waitMs) {
      failures = Math.max(failures, others)
      until = Math.max(until, clock.elapsed() + waitMs)
    },
    ordered(waitMs) {
      failures++
      until = Math.max(until, clock.elapsed() + waitMs)
      ordered = true
    },
    reached() {
      failures = 0
      if (ordered && !isOpen()) return
      until = 0
      ordered = false
    },
    open() {
      if (!ordered) until = 0
    },
    openAt(elapsed) {
      until = elapsed
    },
  }
}

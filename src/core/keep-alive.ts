import { RaindropError } from './errors.js'
import type { Clock } from './ports.js'

type WaitUntil = (work: Promise<unknown>) => void

export interface KeepAliveDeps {
  readonly clock: Clock
  /** The option of the app. */
  readonly waitUntil: WaitUntil | undefined
  readonly flush: (timeoutMs: number) => Promise<unknown>
  readonly onError: (error: RaindropError) => void
}

/** To be called for each record. */
export type CreateKeepAlive = (deps: KeepAliveDeps) => () => void

/** What is tracked within this time of the first leaves together. */
const GATHER_MS = 20
/** An invocation is kept alive this long at most. */
const KEEP_ALIVE_MS = 25_000

/**
 * Serverless hosts freeze an invocation that has answered, unless they are asked to wait. `ofHost` is what the host offers for the request
 * that is being answered.
 */
export function createKeepAlive(ofHost: () => WaitUntil | undefined): CreateKeepAlive {
  return ({ clock, waitUntil, flush, onError }) => {
    let asked: { by: WaitUntil } | undefined
    let askedThisTurn = false

    return () => {
      // A turn belongs to one request: a burst asks its host once.
      if (askedThisTurn) return
      askedThisTurn = true
      queueMicrotask(() => (askedThisTurn = false))
      const by = waitUntil ?? ofHost()
      if (!by || asked?.by === by) return
      const asking = { by }
      asked = asking
      const gathered = new Promise<void>((resolve) => clock.after(GATHER_MS, resolve, true))
      const work = gathered.then(() => {
        if (asked === asking) asked = undefined
        return flush(KEEP_ALIVE_MS)
      })
      try {
        by(work)
      } catch (cause) {
        const message =
          'waitUntil threw. Queued work is sent if the host lives long enough. Call it inside of a request.'
        onError(new RaindropError('invalid_options', message, cause))
      }
    }
  }
}

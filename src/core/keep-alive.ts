import type { Clock } from './ports.js'

type WaitUntil = (work: Promise<unknown>) => void

export interface KeepAliveDeps {
  readonly clock: Clock
  /** The option of the app, or what the host offers for the request that is being answered. */
  readonly waitUntil: () => WaitUntil | undefined
  readonly flush: () => Promise<unknown>
  readonly onError: (cause: unknown) => void
}

/** What is tracked within this time of the first leaves together. */
const GATHER_MS = 20

/** Serverless hosts freeze an invocation that has answered, unless they are asked to wait. To be called for each record. */
export function createKeepAlive({ clock, waitUntil, flush, onError }: KeepAliveDeps): () => void {
  let asked: { by: WaitUntil } | undefined
  let askedThisTurn = false

  return () => {
    // A turn belongs to one request: a burst asks its host once.
    if (askedThisTurn) return
    askedThisTurn = true
    queueMicrotask(() => (askedThisTurn = false))
    const by = waitUntil()
    if (!by || asked?.by === by) return
    const asking = { by }
    asked = asking
    const gathered = new Promise<void>((resolve) => clock.after(GATHER_MS, resolve, true))
    const work = gathered.then(() => {
      if (asked === asking) asked = undefined
      return flush()
    })
    try {
      by(work)
    } catch (error) {
      onError(error)
    }
  }
}

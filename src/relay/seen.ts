import { createRecent } from './recent.js'

/** Remembers the ids of accepted records, so that a repeat is accepted without being forwarded again. */
export interface SeenIds {
  /** Remembers an id. False: it was remembered already. Called after acceptance, never before. */
  add(id: string): boolean | Promise<boolean>
  /** Whether an id is remembered. Without it only repeats to the same instance are recognised here; the backend knows the others by their ids. */
  has?(id: string): boolean | Promise<boolean>
}

/** Enough for the repeats of a busy hour, in a few megabytes. */
const MAX_IDS = 50_000

/** What this instance accepted lately, and before that what `shared` knows. */
export function createSeen(shared: SeenIds | undefined): {
  has(id: string): Promise<boolean>
  add(id: string): Promise<void>
} {
  const own = createRecent<true>(MAX_IDS)
  return {
    async has(id) {
      if (own.get(id)) return true
      const known = (await shared?.has?.(id)) === true
      if (known) own.set(id, true)
      return known
    },
    async add(id) {
      if (own.get(id)) return
      own.set(id, true)
      await shared?.add(id)
    },
  }
}

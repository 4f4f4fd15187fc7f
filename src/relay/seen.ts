import { RaindropError } from '../core/errors.js'
import { createRecent } from './recent.js'
import { within } from './within.js'

/** Remembers the ids of accepted records, so that a repeat is accepted without being forwarded again. */
export interface SeenIds {
  /** Remembers an id. False: it was remembered already. Called after acceptance, never before. */
  add(id: string): boolean | Promise<boolean>
  /** Whether an id is remembered. Without it only repeats to the same instance are recognised here; the backend knows the others by their ids. */
  has?(id: string): boolean | Promise<boolean>
}

/** What this instance accepted lately, and before that what the shared place knows. Never rejects. */
export interface Seen {
  /** Those of the ids that were accepted before. */
  among(ids: readonly string[]): Promise<ReadonlySet<string>>
  add(ids: readonly string[]): Promise<void>
}

/** Enough for the repeats of a busy hour, in a few megabytes. */
const MAX_IDS = 50_000
/** A shared place that does not answer costs a repeat, which is harmless; the browser is not to wait for it. */
const MAX_WAIT_MS = 1_000

export function createSeen(shared: SeenIds | undefined, tell: (error: RaindropError) => void): Seen {
  const own = createRecent<true>(MAX_IDS)

  /** Asks the shared place about all of the ids at once. */
  async function asked(call: 'has' | 'add', ids: readonly string[]): Promise<ReadonlyArray<boolean | undefined>> {
    if (!shared?.[call] || ids.length === 0) return []
    try {
      return (await within(MAX_WAIT_MS, Promise.all(ids.map(async (id) => await shared[call]?.(id))))) ?? []
    } catch (cause) {
      const message = `createRelay: seen.${call}() failed. A record that was accepted before may be forwarded again, which changes nothing.`
      tell(new RaindropError('storage', message, cause))
      return []
    }
  }

  return {
    async among(ids) {
      const unknown = ids.filter((id) => !own.get(id))
      const answers = await asked('has', unknown)
      unknown.forEach((id, index) => answers[index] === true && own.set(id, true))
      return new Set(ids.filter((id) => own.get(id)))
    },
    async add(ids) {
      const added = ids.filter((id) => !own.get(id))
      for (const id of added) own.set(id, true)
      await asked('add', added)
    },
  }
}

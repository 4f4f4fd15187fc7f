import { RaindropError } from '../core/errors.js'
import type { Forwarding } from '../core/forwarding.js'
import type { Kind } from '../core/wire.js'
import type { Passed } from './judge.js'
import type { RejectReason } from './record.js'
import { createSeen, type SeenIds } from './seen.js'

/** What became of a record within the time that the browser waits. `later`: nobody knows yet, it must keep it. */
export type Fate = 'accepted' | 'later' | RejectReason

/** Hands records to the client, and says which are safe. */
export interface Intake {
  /** Whether a repeat of this id has nothing to do. */
  isAccepted(id: string): Promise<boolean>
  /** Accepted are those that are on disk, or taken by the backend. The others are waited for, at most three seconds. */
  take(records: ReadonlyMap<string, Passed & { readonly kind: Kind }>): Promise<ReadonlyMap<string, Fate>>
}

const MAX_WAIT_MS = 3_000
/** A shared memory that does not answer costs a repeat, which is harmless; the browser is not to wait for it. */
const MAX_MEMORY_MS = 1_000

type Outcome = Awaited<ReturnType<Forwarding['forward']>>

/** What will not pass later either. Everything else is kept by the browser: the fault is on this side. */
const FINAL: Partial<Record<Outcome, Fate>> = {
  delivered: 'accepted',
  before_send: 'dropped',
  rejected: 'dropped',
  invalid: 'dropped',
  too_large: 'too_large',
}

export function createIntake(client: Forwarding, shared: SeenIds | undefined): Intake {
  const seen = createSeen(shared)
  /** In the queue, and not known to be safe: a repeat waits with the first instead of being a second record. */
  const underWay = new Map<string, Promise<Outcome>>()

  async function remember(id: string): Promise<void> {
    try {
      await within(MAX_MEMORY_MS, seen.add(id))
    } catch (cause) {
      client.tell(
        new RaindropError(
          'storage',
          'createRelay: seen.add() failed. A repeat of what was accepted just now may be forwarded again.',
          cause,
        ),
      )
    }
  }

  function forward(id: string, { kind, ref, body, size }: Passed & { kind: Kind }): Promise<Outcome> {
    const known = underWay.get(id)
    if (known) return known
    const over = client.forward({ id, kind, ref, body, size })
    underWay.set(id, over)
    void over.then(async (outcome) => {
      // Also when the browser was told to come again: it will be told then.
      if (outcome === 'delivered') await remember(id)
      underWay.delete(id)
    })
    return over
  }

  return {
    async isAccepted(id) {
      try {
        return (await within(MAX_MEMORY_MS, seen.has(id))) === true
      } catch (cause) {
        client.tell(new RaindropError('storage', 'createRelay: seen.has() failed. The record is taken as new.', cause))
        return false
      }
    },

    async take(records) {
      const over = [...records].map(([id, record]) => [id, forward(id, record)] as const)
      const isStored = (await client.store()) !== 'memory'
      const waitMs = isStored ? 0 : MAX_WAIT_MS
      const outcomes = await settledWithin(
        waitMs,
        over.map(([, outcome]) => outcome),
      )
      const fates = over.map(([id], index) => {
        const outcome = outcomes[index]
        if (outcome === undefined) return [id, isStored ? 'accepted' : 'later'] as const
        return [id, FINAL[outcome] ?? 'later'] as const
      })
      await Promise.all(fates.filter(([, fate]) => fate === 'accepted').map(([id]) => remember(id)))
      return new Map<string, Fate>(fates)
    },
  }
}

/** The value, or undefined when it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let stop = (): void => undefined
  const late = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms)
    stop = () => clearTimeout(timer)
  })
  return await Promise.race([work, late]).finally(stop)
}

/** What is known after that time at the latest; undefined for what is not. */
async function settledWithin<T>(ms: number, works: readonly Promise<T>[]): Promise<ReadonlyArray<T | undefined>> {
  const known: Array<T | undefined> = works.map(() => undefined)
  const all = Promise.all(works.map((work, index) => work.then((value) => (known[index] = value))))
  await (ms > 0 ? within(ms, all) : Promise.resolve())
  return known
}

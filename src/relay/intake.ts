import type { Forwarding } from '../core/forwarding.js'
import type { Kind } from '../core/wire.js'
import type { Passed } from './judge.js'
import type { RejectReason } from './record.js'
import type { Seen } from './seen.js'
import { settledWithin } from './within.js'

/** What became of a record within the time that the browser waits. `later`: nobody knows yet, it must keep it. */
export type Fate = 'accepted' | 'later' | RejectReason

/**
 * Hands records to the client, and says which are safe: on disk, or taken by the backend. For the backend it waits, at most three seconds.
 */
export type Intake = (
  records: ReadonlyMap<string, Passed & { readonly kind: Kind }>,
) => Promise<ReadonlyMap<string, Fate>>

const MAX_WAIT_MS = 3_000

type Outcome = Awaited<ReturnType<Forwarding['forward']>>

/** What will not pass later either. Everything else is kept by the browser: the fault is on this side. */
const FINAL: Partial<Record<Outcome, Fate>> = {
  delivered: 'accepted',
  before_send: 'dropped',
  rejected: 'dropped',
  invalid: 'dropped',
  too_large: 'too_large',
}

export function createIntake(client: Forwarding, seen: Seen): Intake {
  /** In the queue, and not known to be over: a repeat waits with the first instead of being a second record. */
  const underWay = new Map<string, Promise<Outcome>>()

  function forward(id: string, { kind, ref, body, size }: Passed & { kind: Kind }): Promise<Outcome> {
    const known = underWay.get(id)
    if (known) return known
    const over = client.forward({ id, kind, ref, body, size })
    underWay.set(id, over)
    void over.then(async (outcome) => {
      // Also when the browser was told to come again: it will be told then.
      if (outcome === 'delivered') await seen.add([id])
      underWay.delete(id)
    })
    return over
  }

  return async (records) => {
    const ids = [...records.keys()]
    const works = [...records].map(([id, record]) => forward(id, record))
    const isStored = (await client.store()) !== 'memory'
    const outcomes = await settledWithin(isStored ? 0 : MAX_WAIT_MS, works)
    const fates = ids.map((id, index): [string, Fate] => {
      const outcome = outcomes[index]
      if (outcome === undefined) return [id, isStored ? 'accepted' : 'later']
      return [id, FINAL[outcome] ?? 'later']
    })
    await seen.add(fates.filter(([, fate]) => fate === 'accepted').map(([id]) => id))
    return new Map(fates)
  }
}

import type { RaindropError } from './errors.js'
import type { Settled } from './ledger.js'
import type { DeliveryStats, WireBody } from './types.js'
import type { Kind } from './wire.js'

/** Where a client keeps its door for `raindrop-js/relay`. A registered symbol: the two may come from two copies of the package. */
export const FORWARDING: unique symbol = Symbol.for('raindrop-js.forwarding')

/** A record that another client made, already judged. It leaves as it came: same ids, same user, same time. */
export interface ForwardedRecord {
  readonly id: string
  readonly kind: Kind
  /** What reports call it: event id, signal id, user id, trace id. */
  readonly ref: string
  readonly body: WireBody
  /** Characters held, about. */
  readonly size: number
}

/** What a relay needs of a client. Not for apps. */
export interface Forwarding {
  /** Queues a record; resolves when it is delivered or dropped, however late that is. */
  forward(record: ForwardedRecord): Promise<Settled>
  /** Resolves once everything forwarded so far is in the storage; says which. Unlike `persist()` it leaves interactions alone. */
  store(): Promise<DeliveryStats['storage']>
  /** How full the queue is: 0 … 1. */
  load(): number
  /** The interaction that this process began or resumed under that id. */
  begun(eventId: string): { readonly userId: string | undefined } | undefined
  tell(error: RaindropError): void
}

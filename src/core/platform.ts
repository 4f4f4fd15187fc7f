import type { CreateAmendments } from './amendments.js'
import type { CreateFeedbackMemory } from './feedback-memory.js'
import type { CreateKeepAlive } from './keep-alive.js'
import type { Clock, ContextStore, Lifecycle, Siblings, Transport, Visitor } from './ports.js'
import type { CreateForwarding } from './relay-door.js'
import type { QueueStore } from './types.js'

/** Everything a composition root decides. Made once for each client. */
export interface Platform {
  readonly clock: Clock
  readonly transport: Transport
  /** Carries no key and may fail unseen: for the local debugger. */
  readonly mirror: Transport
  readonly lifecycle: Lifecycle
  readonly contexts: ContextStore
  readonly store: QueueStore
  /** Requests under way at the same time. */
  readonly concurrency: number
  /** Bytes kept while they cannot be sent. */
  readonly maxQueueBytes: number
  readonly maxQueueSize: number
  /** `properties.$context.metadata`. */
  readonly metadata: Readonly<Record<string, string>>
  /** Where a host freezes what has answered, unless it is asked to wait. */
  readonly keepAlive?: CreateKeepAlive
  /** Where a relay can run. */
  readonly forwarding?: CreateForwarding
  /** Where clients share a store. */
  readonly siblings?: (namespace: string) => Siblings
  /** Where one person uses the client: the user until `identify()`, which then sets it for good. */
  readonly visitor?: Visitor
  /** Where feedback outlives the page, beside what `recovers` looks for. */
  readonly feedbackMemory?: CreateFeedbackMemory
  /** Folds partials into stored records of their event, too. Of use where nobody else sends from the store. */
  readonly amendments?: CreateAmendments
  /** Between uploads that a full batch triggers. Default 0. */
  readonly minUploadGapMs?: number
  /** Characters of undelivered records that stay in memory for a page that goes away. Default 0. */
  readonly recentChars?: number
  /** What an earlier page left is looked for by itself, not only with the first record. */
  readonly recovers?: boolean
}

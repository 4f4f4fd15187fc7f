import { createFifo } from './fifo.js'
import { laneOf, LANES, type Lane } from './record-keys.js'
import type { WireBody } from './types.js'
import { foldPartials, type Kind } from './wire.js'

/** A call that was taken, not yet serialised. */
export interface Draft {
  readonly kind: Kind
  /** Event id, signal id, user id or trace id. */
  readonly ref: string
  /** Moment of the call, or the caller's timestamp. Undefined: sent without one. */
  readonly at: number | undefined
  readonly body: WireBody
  readonly token: string | undefined
  /** Characters held, about. */
  readonly size: number
  /** Made by another client: the id of its record, which is kept. Nothing is added to its body, and it folds into nothing. */
  readonly forwardedId?: string
}

/** A draft in its place in line. */
export interface Entry {
  draft: Draft
  readonly seq: number
}

/** Drafts in memory, by lane, oldest first. */
export interface Staging {
  readonly count: number
  readonly bytes: number
  countOf(lane: Lane): number
  push(entry: Entry): void
  /** Makes one draft of this partial and an earlier one of its event. False where none waits: it has to make an entry of its own. */
  fold(draft: Draft): boolean
  /** A partial of that event waits, and takes in later ones. */
  isOpen(ref: string): boolean
  /** Takes out up to `limit`, in the order of sending. */
  take(limit: number): Entry[]
  /** Takes out the oldest of a lane, or of the least important one. */
  evict(lane?: Lane): Entry | undefined
}

/** What another client made leaves as it came. */
export function isFoldable({ kind, forwardedId }: Draft): boolean {
  return kind === 'partial' && forwardedId === undefined
}

/** Two partials of one event as one. */
export function foldDrafts(older: Draft, newer: Draft): Draft {
  return {
    ...older,
    at: older.at ?? newer.at,
    body: foldPartials(older.body, newer.body),
    size: older.size + newer.size,
  }
}

export function createStaging(): Staging {
  const lanes = [createFifo<Entry>(), createFifo<Entry>(), createFifo<Entry>()] as const
  /** The partial of an event that later ones fold into. */
  const open = new Map<string, Entry>()
  let bytes = 0

  function shift(lane: Lane): Entry | undefined {
    const entry = lanes[lane].shift()
    if (!entry) return undefined
    const { draft } = entry
    bytes -= draft.size
    if (isFoldable(draft)) open.delete(draft.ref)
    return entry
  }

  return {
    get count() {
      return lanes[0].length + lanes[1].length + lanes[2].length
    },
    get bytes() {
      return bytes
    },
    countOf: (lane) => lanes[lane].length,
    push(entry) {
      const { draft } = entry
      lanes[laneOf(draft.kind)].push(entry)
      bytes += draft.size
      if (isFoldable(draft)) open.set(draft.ref, entry)
    },
    fold(draft) {
      const entry = open.get(draft.ref)
      if (!entry) return false
      bytes += draft.size
      entry.draft = foldDrafts(entry.draft, draft)
      return true
    },
    isOpen: (ref) => open.has(ref),
    take(limit) {
      const entries: Entry[] = []
      for (const lane of LANES) {
        while (entries.length < limit && lanes[lane].length > 0) entries.push(shift(lane)!)
      }
      return entries
    },
    evict: (lane) => shift(lane ?? (lanes[2].length > 0 ? 2 : lanes[1].length > 0 ? 1 : 0)),
  }
}

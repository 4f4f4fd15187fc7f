import { foldDrafts, type Draft, type Entry, type Staging } from './staging.js'

/** Which undelivered partial of an event a later one can fold into. One that is on its way is not open. */
export interface OpenPartials {
  /** False where there is none: the draft has to make a record of its own. */
  fold(draft: Draft): boolean
  /** From now on later ones fold into this: an entry still staged, or the key of a stored record. */
  open(ref: string, into: Entry | string): void
  /** No longer, if it was this one. True if it was. */
  close(ref: string, into: Entry | string): boolean
  isOpen(ref: string): boolean
  /** What folds into stored records as soon as they can be rewritten, by key. */
  readonly amendments: Map<string, Draft>
}

export function createOpenPartials(staging: Staging): OpenPartials {
  const open = new Map<string, Entry | string>()
  const amendments = new Map<string, Draft>()
  return {
    amendments,
    fold(draft) {
      const into = open.get(draft.ref)
      if (into === undefined) return false
      if (typeof into === 'string') {
        const earlier = amendments.get(into)
        amendments.set(into, earlier ? foldDrafts(earlier, draft) : draft)
      } else {
        staging.fold(into, draft)
      }
      return true
    },
    open: (ref, into) => void open.set(ref, into),
    close: (ref, into) => open.get(ref) === into && open.delete(ref),
    isOpen: (ref) => open.has(ref),
  }
}

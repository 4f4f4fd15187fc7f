import type { SealingDeps } from './sealing.js'
import { fitBody } from './size.js'
import { foldDrafts, type Draft } from './staging.js'
import type { QueueRecord, WireBody } from './types.js'
import { foldPartials, readRecord, writeRecord } from './wire.js'

/**
 * Partials that fold into the stored record of their event, as soon as that can be rewritten. For stores that nobody else sends from: what
 * another may be sending is never rewritten.
 */
export interface Amendments {
  /** From now on later partials of the event fold into this record. One that is on its way is not open. */
  open(ref: string, key: string): void
  isOpen(ref: string): boolean
  /** No longer, if it was this one. What should have gone into it is forgotten. */
  close(ref: string, key: string): void
  /** False where no record of its event is open. */
  fold(draft: Draft): boolean
  /** The record is about to be rewritten. */
  has(key: string): boolean
  /** The records that wait to be rewritten, as they are now. Undefined where one is gone. */
  read(find: (key: string) => Promise<QueueRecord | undefined>): Promise<ReadonlyMap<string, QueueRecord | undefined>>
  /** Rewrites them. Synchronous, so that nothing is in neither memory nor store. */
  rewrite(stored: ReadonlyMap<string, QueueRecord | undefined>): Rewritten
  /** What waits, and waits no longer. */
  takeAll(): readonly Draft[]
}

export interface Rewritten {
  /** `by`: characters that it grew. */
  readonly records: ReadonlyArray<QueueRecord & { readonly by: number }>
  /** What did not fit in, or whose record is gone. */
  readonly left: readonly Draft[]
}

export type CreateAmendments = (deps: SealingDeps) => Amendments

export const createAmendments: CreateAmendments = ({ finish, maxEventBytes }) => {
  const open = new Map<string, string>()
  const waiting = new Map<string, Draft>()

  function close(ref: string, key: string): void {
    waiting.delete(key)
    if (open.get(ref) === key) open.delete(ref)
  }

  /** The JSON of a stored record with a later partial in it. `nothing_new`: the app dropped that. Undefined: it does not fit in. */
  function amend(json: string, draft: Draft): string | 'nothing_new' | undefined {
    const read = readRecord(json)
    if (!read) return undefined
    // A copy: what does not fit in becomes a record of its own, and is finished then.
    const newer = finish({ ...draft, body: { ...draft.body } })
    if (typeof newer === 'string') return 'nothing_new'
    const fit = fitBody(foldPartials(JSON.parse(read.bodyJson) as WireBody, newer), maxEventBytes)
    return fit && writeRecord(read.header, fit.json)
  }

  return {
    open: (ref, key) => void open.set(ref, key),
    isOpen: (ref) => open.has(ref),
    close,
    fold(draft) {
      const key = open.get(draft.ref)
      if (key === undefined) return false
      const earlier = waiting.get(key)
      waiting.set(key, earlier ? foldDrafts(earlier, draft) : draft)
      return true
    },
    has: (key) => waiting.has(key),
    async read(find) {
      const stored = new Map<string, QueueRecord | undefined>()
      for (const key of waiting.keys()) stored.set(key, await find(key))
      return stored
    },
    rewrite(stored) {
      const records: Array<QueueRecord & { by: number }> = []
      const left: Draft[] = []
      for (const [key, old] of stored) {
        const draft = waiting.get(key)
        if (!draft) continue
        waiting.delete(key)
        const json = old && amend(old.json, draft)
        if (json === 'nothing_new') continue
        if (old && json !== undefined) records.push({ key, json, by: json.length - old.json.length })
        else {
          close(draft.ref, key)
          left.push(draft)
        }
      }
      return { records, left }
    },
    takeAll() {
      const drafts = [...waiting]
      for (const [key, { ref }] of drafts) close(ref, key)
      return drafts.map(([, draft]) => draft)
    },
  }
}

import { fitBody } from './size.js'
import type { Draft } from './staging.js'
import type { DropReason, QueueRecord, WireBody } from './types.js'
import { foldPartials, readRecord, writeRecord, type Outgoing } from './wire.js'

/** A record that this process wrote: what is in its JSON is still at hand, and need not be read from it again. */
export interface Sealed extends Outgoing {
  readonly json: string
}

/** Drafts become the JSON of records: finished, cut to size, serialised once. */
export interface Sealing {
  /** Or why there is none. */
  seal(draft: Draft): Sealed | DropReason
  /** The JSON of a stored record with a later partial in it. `nothing_new`: the app dropped that. Undefined: it does not fit in. */
  amend(json: string, draft: Draft): string | 'nothing_new' | undefined
}

/** What a stored record says, read only where it came from a disk. Undefined for one of another version. */
export function openRecord(record: QueueRecord & Partial<Sealed>): Outgoing | undefined {
  const { header, bodyJson } = record
  return header && bodyJson !== undefined ? { header, bodyJson } : readRecord(record.json)
}

export interface SealingDeps {
  /** Completes a body and asks the app. Never throws. */
  readonly finish: (draft: Draft) => WireBody | DropReason
  readonly maxEventBytes: number
  readonly newId: () => string
}

export function createSealing({ finish, maxEventBytes, newId }: SealingDeps): Sealing {
  return {
    seal(draft) {
      const body = finish(draft)
      if (typeof body === 'string') return body
      const fit = fitBody(body, maxEventBytes)
      if (!fit) return 'too_large'
      const { kind, ref, token } = draft
      const header = { v: 1, id: draft.forwardedId ?? newId(), kind, ref, ...(token ? { token } : {}) } as const
      return { header, bodyJson: fit.json, json: writeRecord(header, fit.json) }
    },
    amend(json, draft) {
      const read = readRecord(json)
      if (!read) return undefined
      // A copy: what does not fit in becomes a record of its own, and is finished then.
      const newer = finish({ ...draft, body: { ...draft.body } })
      if (typeof newer === 'string') return 'nothing_new'
      const fit = fitBody(foldPartials(JSON.parse(read.bodyJson) as WireBody, newer), maxEventBytes)
      return fit && writeRecord(read.header, fit.json)
    },
  }
}

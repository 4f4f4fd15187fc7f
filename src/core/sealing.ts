import { nanoid } from 'nanoid'
import { fitBody } from './size.js'
import type { Draft } from './staging.js'
import type { DropReason, WireBody } from './types.js'
import { foldPartials, readRecord, writeRecord } from './wire.js'

/** Drafts become the JSON of records: finished, cut to size, serialised once. */
export interface Sealing {
  /** The record's own id and its JSON, or why there is none. */
  seal(draft: Draft): { id: string; json: string } | DropReason
  /** The JSON of a stored record with a later partial in it. `nothing_new`: the app dropped that. Undefined: it does not fit in. */
  amend(json: string, draft: Draft): string | 'nothing_new' | undefined
}

/** `finish` completes a body and asks the app; it never throws. */
export function createSealing(finish: (draft: Draft) => WireBody | DropReason, maxEventBytes: number): Sealing {
  return {
    seal(draft) {
      const body = finish(draft)
      if (typeof body === 'string') return body
      const fit = fitBody(body, maxEventBytes)
      if (!fit) return 'too_large'
      const { kind, ref, token } = draft
      const id = nanoid()
      return { id, json: writeRecord({ v: 1, id, kind, ref, ...(token ? { token } : {}) }, fit.json) }
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

import { fitBody } from './size.js'
import type { Draft } from './staging.js'
import type { DropReason, QueueRecord, WireBody } from './types.js'
import { readRecord, writeRecord, type Outgoing } from './wire.js'

/** A record that this process wrote: what is in its JSON is still at hand, and need not be read from it again. */
export interface Sealed extends Outgoing {
  readonly json: string
}

/** A draft becomes the JSON of a record: finished, cut to size, serialised once. Or why there is none. */
export type Seal = (draft: Draft) => Sealed | DropReason

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

export function createSealing({ finish, maxEventBytes, newId }: SealingDeps): Seal {
  return (draft) => {
    const body = finish(draft)
    if (typeof body === 'string') return body
    const fit = fitBody(body, maxEventBytes)
    if (!fit) return 'too_large'
    const { kind, ref, token } = draft
    const header = { v: 1, id: draft.forwardedId ?? newId(), kind, ref, ...(token ? { token } : {}) } as const
    return { header, bodyJson: fit.json, json: writeRecord(header, fit.json) }
  }
}

import { RaindropError } from './errors.js'
import type { Draft } from './staging.js'
import type { DropReason, OutgoingItem, WireBody } from './types.js'
import { messageOf, toJson } from './values.js'
import { completeBody, identityOf, spansOnly, type Kind, type Marks } from './wire.js'

export interface OutletOptions {
  readonly marks: Marks
  readonly beforeSend: ((item: OutgoingItem) => OutgoingItem | null) | undefined
  readonly onError: (error: RaindropError) => void
  /** The body as it leaves, whoever wants a look at it. */
  readonly onFinished: (kind: Kind, body: WireBody) => void
}

/** Completes a draft's body and lets the app have its last look. What the app's hook throws drops only this item. */
export function createOutlet({
  marks,
  beforeSend,
  onError,
  onFinished,
}: OutletOptions): (draft: Draft) => WireBody | DropReason {
  function asked(kind: Kind, body: WireBody, ask: NonNullable<typeof beforeSend>): WireBody | DropReason {
    const identity = identityOf(body)
    const signalId = kind === 'signal' ? body.properties?.['$signal_id'] : undefined
    try {
      // The hook may change it, and all events share it.
      if (body.properties?.['$context']) body.properties['$context'] = toJson(marks.context) ?? null
      const item = ask({ kind, body } as OutgoingItem)
      if (item === null) return 'before_send'
      // The hook is the app's: what it returns is as unknown as what a caller passes.
      const returned = toJson((item as OutgoingItem | undefined)?.body)
      if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) {
        throw new TypeError('It returned neither an item nor null. It must be synchronous.')
      }
      const changed: WireBody = { ...returned, ...identity }
      if (signalId !== undefined) changed.properties = { ...changed.properties, $signal_id: signalId }
      return changed
    } catch (cause) {
      onError(
        new RaindropError(
          'before_send',
          `beforeSend failed (${messageOf(cause)}); the ${kind} was dropped. Return the item, or null to drop it.`,
          cause,
        ),
      )
      return 'before_send'
    }
  }

  return ({ kind, body, at, forwardedId }) => {
    if (forwardedId === undefined) completeBody(kind, body, at, marks)
    const outgoing = beforeSend ? asked(kind, body, beforeSend) : body
    const finished = kind === 'spans' && typeof outgoing !== 'string' ? spansOnly(outgoing) : outgoing
    if (typeof finished !== 'string') onFinished(kind, finished)
    return finished
  }
}

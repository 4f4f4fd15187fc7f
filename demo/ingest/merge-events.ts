import { isDeepStrictEqual } from 'node:util'

/** An event as stored: its wire body with the merged state. */
export interface EventBody {
  event_id: string
  is_pending: boolean
  ai_data?: Record<string, unknown>
  properties?: Record<string, unknown>
  attachments?: Record<string, unknown>[] | null
  [field: string]: unknown
}

/**
 * WIRE §1.6: an event is the sum of its parts. Fields replace, properties merge, attachments append; a finished event stays finished, and a
 * pending part that arrives after the end only fills gaps: it was overtaken.
 */
export function mergeEvents(stored: EventBody, incoming: EventBody): EventBody {
  const wasOvertaken = incoming.is_pending && !stored.is_pending
  const [older, newer] = wasOvertaken ? [incoming, stored] : [stored, incoming]
  const merged: EventBody = {
    ...older,
    ...newer,
    event_id: stored.event_id,
    is_pending: stored.is_pending && incoming.is_pending,
  }
  if (older.ai_data || newer.ai_data) merged.ai_data = { ...older.ai_data, ...newer.ai_data }
  if (older.properties || newer.properties) merged.properties = { ...older.properties, ...newer.properties }
  if (older.attachments || newer.attachments) merged.attachments = mergeAttachments(stored.attachments ?? [], incoming.attachments ?? [])
  return merged
}

type Attachments = NonNullable<EventBody['attachments']>

/** The same attachment again is a repeat, whether it can be told by its id or by its content. */
function mergeAttachments(stored: Attachments, incoming: Attachments): Attachments {
  const added = incoming.filter(
    (attachment) =>
      !stored.some((known) =>
        attachment.attachment_id ? known.attachment_id === attachment.attachment_id : isDeepStrictEqual(known, attachment),
      ),
  )
  return [...stored, ...added]
}

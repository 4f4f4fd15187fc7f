import { earlierStamp, isBefore, laterStamp, supersedes, type Stamp } from './merge-stamp'
import type { WireFields } from './types'

export interface StampedAttachment {
  readonly value: WireFields
  /** Earliest mention decides the place, latest the content. */
  readonly first: Stamp
  readonly last: Stamp
}

/** Appends what is new, in the order of time and then of arrival, and updates what has the same id. */
export function mergeAttachments(
  known: readonly StampedAttachment[],
  incoming: readonly WireFields[],
  stamp: Stamp,
): StampedAttachment[] {
  return incoming.reduce<StampedAttachment[]>((list, value) => mergeOne(list, value, stamp), [...known])
}

function mergeOne(list: StampedAttachment[], value: WireFields, stamp: Stamp): StampedAttachment[] {
  const key = attachmentKey(value)
  const before = list.find((item) => attachmentKey(item.value) === key)
  if (before === undefined) return insert(list, { value, first: stamp, last: stamp })
  const merged = {
    value: supersedes(stamp, before.last) ? value : before.value,
    first: earlierStamp(before.first, stamp),
    last: laterStamp(before.last, stamp),
  }
  if (merged.first === before.first) return list.map((item) => (item === before ? merged : item))
  return insert(
    list.filter((item) => item !== before),
    merged,
  )
}

function insert(list: readonly StampedAttachment[], item: StampedAttachment): StampedAttachment[] {
  const at = list.findIndex((other) => isBefore(item.first, other.first))
  return list.toSpliced(at === -1 ? list.length : at, 0, item)
}

/** `attachment_id`, or the content itself: what makes two attachments one. */
function attachmentKey(attachment: WireFields): string {
  return typeof attachment.attachment_id === 'string' ? `id:${attachment.attachment_id}` : canonicalJson(attachment)
}

/** The same text for the same content, whatever the order of its keys. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

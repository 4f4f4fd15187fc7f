import { mergeAttachments, type StampedAttachment } from './merge-attachments'
import { mergeFields, type Stamp, type StampedFields, type Stamps } from './merge-stamp'
import type { IngestRecord, WireFields } from './types'

/** One event as all that came for its id so far makes it. Plain JSON: store it whole and pass it in again. */
export interface MergedEvent {
  readonly eventId: string
  /** The wire body with everything folded in. */
  readonly body: WireFields
  /** True until a final record came. Never true again after that. */
  readonly pending: boolean
  /** Where each value in `body` came from; later merges need it. */
  readonly stamps: EventStamps
}

/** How late each value of an event is: what a later record may replace, and what it may not. */
export interface EventStamps {
  readonly fields: Stamps
  readonly groups: Readonly<Record<string, Stamps>>
  /** First and last mention of each attachment, in the order of `body.attachments`. */
  readonly attachments: ReadonlyArray<readonly [first: Stamp, last: Stamp]>
}

/**
 * Folds an event or a partial into what is known under its id; pure. Fields, properties and AI data win one by one:
 * what came with the final record over what did not, then the later `timestamp`, then the later arrival. Attachments
 * are appended unless they are there already. Order and repeats of sends make no difference beyond that.
 *
 * @example
 * const merged = records.reduce<MergedEvent | undefined>(mergeEvent, undefined)
 */
export function mergeEvent(known: MergedEvent | undefined, record: Pick<IngestRecord, 'kind' | 'body'>): MergedEvent {
  const body = withoutNulls(record.body)
  const isFinal = record.kind === 'event' || body.is_pending !== true
  const stamp: Stamp = [isFinal ? 1 : 0, Date.parse(body.timestamp ?? '') || 0]

  const fields = mergeFields(knownFields(known), plainFields(body), stamp)
  const groups = groupNames.flatMap((name) => mergeGroup(name, { known, body, stamp }))
  const attachments = mergeAttachments(knownAttachments(known), body.attachments ?? [], stamp)
  const pending = (known?.pending ?? true) && !isFinal
  const tellsPending = body.is_pending !== undefined || known?.body.is_pending !== undefined

  return {
    eventId: body.event_id,
    body: {
      event_id: body.event_id,
      ...fields.values,
      ...Object.fromEntries(groups.map(([name, { values }]) => [name, values])),
      ...(attachments.length > 0 ? { attachments: attachments.map(({ value }) => value) } : {}),
      ...(tellsPending ? { is_pending: pending } : {}),
    },
    pending,
    stamps: {
      fields: fields.stamps,
      groups: Object.fromEntries(groups.map(([name, { stamps }]) => [name, stamps])),
      attachments: attachments.map(({ first, last }) => [first, last]),
    },
  }
}

const groupNames = ['ai_data', 'properties', 'feature_flags'] as const
/** What is not merged as a value of its own. */
const structural: readonly string[] = ['event_id', 'is_pending', 'attachments', ...groupNames]

function plainFields(body: WireFields): WireFields {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !structural.includes(name)))
}

function knownFields(known: MergedEvent | undefined): StampedFields {
  return known === undefined ? nothing : { values: plainFields(known.body), stamps: known.stamps.fields }
}

const nothing: StampedFields = { values: {}, stamps: {} }

function mergeGroup(
  name: (typeof groupNames)[number],
  { known, body, stamp }: { known: MergedEvent | undefined; body: WireFields; stamp: Stamp },
): Array<[string, StampedFields]> {
  const stamps = known?.stamps.groups[name]
  if (stamps === undefined && body[name] === undefined) return []
  const before = stamps === undefined ? nothing : { values: known?.body[name], stamps }
  // A null in ai_data means "not given"; in properties it is a value like any other.
  const given = name === 'ai_data' ? withoutNulls(body[name] ?? {}) : (body[name] ?? {})
  return [[name, mergeFields(before, given, stamp)]]
}

function knownAttachments(known: MergedEvent | undefined): StampedAttachment[] {
  return (known?.stamps.attachments ?? []).map(([first, last], index) => ({
    value: known?.body.attachments[index],
    first,
    last,
  }))
}

function withoutNulls(object: WireFields): WireFields {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

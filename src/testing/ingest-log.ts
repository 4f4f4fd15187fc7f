import { mergeEvent, type MergedEvent } from './merge-event'
import type { IngestRecord, WireFields } from './types'

/** An event as it stands, with the signals that point at it. */
export interface EventView {
  readonly eventId: string
  readonly body: any
  readonly pending: boolean
  readonly signals: any[]
}

export interface IngestLog {
  add(records: readonly IngestRecord[]): void
  events(): EventView[]
  signals(): WireFields[]
}

/** What was taken, merged by id, in memory. */
export function createIngestLog(): IngestLog {
  const events = new Map<string, MergedEvent>()
  // First come, first kept: a repeat of a signal id is the same signal.
  const signals = new Map<string, WireFields>()
  const signalsByEvent = new Map<string, WireFields[]>()

  function addOne(record: IngestRecord): void {
    const { kind, id, body } = record
    if (kind === 'event' || kind === 'partial') events.set(id, mergeEvent(events.get(id), record))
    if (kind === 'signal' && !signals.has(id)) {
      signals.set(id, body)
      signalsByEvent.set(body.event_id, [...(signalsByEvent.get(body.event_id) ?? []), body])
    }
  }

  return {
    add: (records) => records.forEach(addOne),
    signals: () => [...signals.values()],
    events: () =>
      [...events.values()].map(({ eventId, body, pending }) => ({
        eventId,
        body,
        pending,
        signals: [...(signalsByEvent.get(eventId) ?? [])],
      })),
  }
}

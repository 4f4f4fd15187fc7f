import type { QueueRecord } from './types.js'
import type { Kind, Outgoing, RecordHeader } from './wire.js'

/** A record that was taken out to be sent. It stays in the store until it is settled. */
export interface Reserved extends Outgoing, QueueRecord {
  readonly seq: number
}

/** Records on their way. */
export interface Reservations {
  /** On their way and not settled. */
  readonly count: number
  readonly bytes: number
  /** Settled, still in the store. */
  readonly leaving: number
  has(key: string): boolean
  /** All that is on its way. */
  records(): readonly Reserved[]
  /** Something of the same event is on its way: what else there is of it has to wait, or it could overtake. */
  isBusy(header: RecordHeader): boolean
  add(record: Reserved): void
  /** Back in line. False for one that is not on its way any more. */
  release(record: Reserved): boolean
  /** Settled. It stays reserved until the store has let go of it, or the next look would find it there. */
  settle(records: readonly Reserved[]): void
  remove(records: readonly Reserved[]): void
}

/** Of an event, one thing after the other. */
function isOfEvent(kind: Kind): boolean {
  return kind === 'event' || kind === 'partial'
}

export function createReservations(): Reservations {
  let records = new Map<string, Reserved>()
  const events = new Set<string>()
  let bytes = 0
  const leaving = new Set<string>()

  function drop({ key, header }: Reserved): void {
    records.delete(key)
    // A map that is filled and emptied for hours keeps what it held alive until the next full collection (V8); a new one does not.
    if (records.size === 0) records = new Map()
    if (isOfEvent(header.kind)) events.delete(header.ref)
  }

  return {
    get count() {
      return records.size - leaving.size
    },
    get bytes() {
      return bytes
    },
    get leaving() {
      return leaving.size
    },
    has: (key) => records.has(key),
    records: () => [...records.values()].filter(({ key }) => !leaving.has(key)),
    isBusy: ({ kind, ref }) => isOfEvent(kind) && events.has(ref),
    add(record) {
      records.set(record.key, record)
      bytes += record.json.length
      if (isOfEvent(record.header.kind)) events.add(record.header.ref)
    },
    release(record) {
      if (records.get(record.key) !== record || leaving.has(record.key)) return false
      drop(record)
      bytes -= record.json.length
      return true
    },
    settle(settled) {
      for (const { key, json } of settled) {
        leaving.add(key)
        bytes -= json.length
      }
    },
    remove(removed) {
      for (const record of removed) {
        leaving.delete(record.key)
        drop(record)
      }
    },
  }
}

import { byKey } from './memory-store.js'
import { LANES, type RecordKeys } from './record-keys.js'
import type { Reservations, Reserved } from './reservations.js'
import { openRecord } from './sealing.js'
import { utf8Length } from './size.js'
import type { Stock } from './stock.js'
import type { QueueRecord } from './types.js'
import type { Kind, Outgoing, Protocol } from './wire.js'

/** What may be taken, decided by the delivery. */
export interface TakeLimits {
  readonly protocol: Protocol
  /** Most records of one request that begins with this kind. 0: the kind must wait. */
  allowance(kind: Kind): number
}

/** Chooses what travels together, and reserves it. */
export interface Picking {
  /** Undefined where the store had nothing at all to choose from. */
  pick(limits: TakeLimits): Promise<readonly Reserved[] | undefined>
  /** From memory and at once: feedback first, newest first. */
  pickNow(limits: TakeLimits & { readonly maxBytes: number }): readonly Reserved[]
}

export interface PickingDeps {
  readonly keys: RecordKeys
  readonly stock: Stock
  readonly reservations: Reservations
  /** A record that has to wait for its rewriting. */
  readonly isAmended: (key: string) => boolean
  /** From here on a later partial makes a record of its own. */
  readonly onReserved: (record: Reserved) => void
}

/** Most records of one request (DELIVERY §Requests). */
export const MAX_BATCH = 100
/** Punctuation and envelope around a record in a request, at most. */
const RECORD_OVERHEAD_BYTES = 256

export function createPicking({ keys, stock, reservations, isAmended, onReserved }: PickingDeps): Picking {
  /** Requests hold about as much as the one before. */
  let lastPicked = 0

  function reserve(record: QueueRecord, read: Outgoing): Reserved {
    const taken = isWritten(record) ? record : { ...record, ...read, seq: stock.ownSeq(record.key) }
    reservations.add(taken)
    onReserved(taken)
    return taken
  }

  return {
    async pick({ protocol, allowance }) {
      const picked: Reserved[] = []
      const events = new Set<string>()
      let atMost = 0
      /** Of the records picked so far. Counted from where they might not fit on. */
      let bytes: number | undefined
      let passed = 0
      let seen = false
      const visit = (record: QueueRecord): boolean => {
        seen = true
        // Others behind a long run of another kind get their own request.
        if (picked.length > 0 && ++passed > 2 * MAX_BATCH) return false
        const read = openRecord(record)
        if (!read || isAmended(record.key)) return true
        const { kind, ref } = read.header
        // In one request that keeps the order, parts of one event may follow each other.
        const isBusy = reservations.isBusy(read.header) && !(protocol.answersPerRecord && events.has(ref))
        if (allowance(kind) === 0 || isBusy) return true
        const first = picked[0]?.header.kind
        if (first && !protocol.together(first, kind)) return true
        // Three bytes a character is the most that UTF-8 needs: only what might not fit is counted.
        atMost += record.json.length * 3 + RECORD_OVERHEAD_BYTES
        if (atMost > protocol.maxRequestBytes) {
          bytes = (bytes ?? picked.reduce((sum, each) => sum + bytesOf(each), 0)) + bytesOf(record)
        }
        const fits = (bytes ?? 0) <= protocol.maxRequestBytes
        if (first && !fits) return false
        stock.adopt(record)
        picked.push(reserve(record, read))
        events.add(ref)
        return fits && picked.length < allowance(first ?? kind) && protocol.together(kind, kind)
      }
      await stock.scan(keys.prefix(), visit, lastPicked)
      lastPicked = picked.length
      return seen ? picked : undefined
    },
    pickNow({ protocol, allowance, maxBytes }) {
      const found = stock.recent.newestFirst().filter(({ key }) => !reservations.has(key))
      const picked: Reserved[] = []
      let left = maxBytes
      for (const record of LANES.flatMap((lane) => found.filter(({ key }) => key.startsWith(keys.prefix(lane))))) {
        const size = bytesOf(record)
        const read = size <= left ? openRecord(record) : undefined
        if (!read) continue
        const { kind } = read.header
        const first = picked[0]?.header.kind ?? kind
        const travelsAlong = picked.length === 0 || (protocol.together(first, kind) && protocol.together(kind, kind))
        if (picked.length >= allowance(first) || !travelsAlong) continue
        picked.push(reserve(record, read))
        left -= size
      }
      // Parts of one event in the order in which they happened.
      return picked.sort(byKey)
    },
  }
}

/** A record that this process wrote, as a store in memory gives it back: with everything that sending needs. */
function isWritten(record: QueueRecord): record is Reserved {
  return 'seq' in record
}

function bytesOf({ json }: QueueRecord): number {
  return utf8Length(json) + RECORD_OVERHEAD_BYTES
}

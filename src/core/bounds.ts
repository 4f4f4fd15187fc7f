import type { Clock } from './ports.js'
import { LANES, type Lane, type RecordKeys, type Sequence } from './record-keys.js'
import type { Staging } from './staging.js'
import type { Stock } from './stock.js'
import type { QueueRecord, QueueStore } from './types.js'

/** What keeps a queue from growing without end (DELIVERY §Bounds). */
export interface Bounds {
  /** Records that are not settled. */
  pending(): number
  bytes(): number
  /** How full the queue is, by records or by bytes: 0 … 1. */
  readonly load: number
  isOverfull(): boolean
  /** Expired first, then the oldest of the least important lane. Runs in line. */
  trim(): Promise<void>
  /** Hourly. Runs in line. */
  dropExpired(): Promise<void>
  /** A quarter, least important first: the storage is full. */
  makeRoom(): Promise<void>
}

export interface BoundsDeps {
  readonly clock: Clock
  readonly keys: RecordKeys
  readonly sequence: Sequence
  readonly staging: Staging
  readonly stock: Stock
  readonly maxRecords: () => number
  readonly maxBytes: number
  readonly store: QueueStore
  /** Drops the oldest draft of a lane. */
  readonly evict: (lane: Lane) => void
}

/** Least important first. */
const EVICTED = [2, 1, 0] as const
/** What is older than this on a disk is of no use to anybody. */
const MAX_AGE_MS = 7 * 24 * 3_600_000
const EXPIRY_CHECK_MS = 3_600_000

export function createBounds(deps: BoundsDeps): Bounds {
  const { clock, keys, sequence, staging, stock, maxRecords, maxBytes } = deps
  const { shelf } = stock
  /** What lives in memory does not get old. */
  const expires = deps.store.kind !== 'memory'
  /** Time as it was when the queue was made, and how it went on since: a wall clock that is set while it runs makes nothing old. */
  const startedAt = clock.now() - clock.elapsed()
  let expiryCheckedAt = -Infinity

  const pending = (): number => shelf.count + staging.count
  const bytes = (): number => shelf.bytes + staging.bytes
  const isOverfull = (): boolean => pending() > maxRecords() || bytes() > maxBytes

  async function victims(lane: Lane, isNext: (record: QueueRecord) => boolean): Promise<QueueRecord[]> {
    const found: QueueRecord[] = []
    await stock.scan(keys.prefix(lane), (record) => isNext(record) && found.push(record) > 0)
    return found
  }

  /** A wall clock that is set while the process runs makes nothing old: neither what was there at its start nor what came since. */
  async function dropExpired(): Promise<void> {
    const elapsed = clock.elapsed()
    if (!expires || elapsed - expiryCheckedAt < EXPIRY_CHECK_MS) return
    expiryCheckedAt = elapsed
    const oldest = (Math.min(clock.now(), startedAt + elapsed) - MAX_AGE_MS) * 1_000
    const ownMayBeOld = elapsed - sequence.startedAt > MAX_AGE_MS
    const isExpired = (seq: number): boolean => seq < oldest && (ownMayBeOld || !sequence.isOwn(seq))
    for (const lane of LANES) {
      const expired = await victims(lane, ({ key }) => isExpired(keys.seqOf(key)))
      await stock.discard(expired, 'expired')
    }
  }

  return {
    pending,
    bytes,
    get load() {
      return Math.max(pending() / maxRecords(), bytes() / maxBytes)
    },
    isOverfull,
    async trim() {
      if (!isOverfull()) return
      await dropExpired()
      for (const lane of EVICTED) {
        let excess = pending() - maxRecords()
        let excessBytes = bytes() - maxBytes
        if (excess <= 0 && excessBytes <= 0) return
        const oldest = await victims(lane, ({ json }) => {
          const isOver = excess > 0 || excessBytes > 0
          excess--
          excessBytes -= json.length
          return isOver
        })
        await stock.discard(oldest, 'queue_full')
        while (isOverfull() && staging.countOf(lane) > 0) deps.evict(lane)
      }
    },
    dropExpired,
    async makeRoom() {
      let left = Math.ceil(shelf.count / 4)
      for (const lane of EVICTED) await stock.discard(await victims(lane, () => left-- > 0), 'queue_full')
    },
  }
}

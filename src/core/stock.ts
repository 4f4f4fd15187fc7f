import { RaindropError } from './errors.js'
import type { Ledger } from './ledger.js'
import type { SharedStore, SynchronousStore } from './ports.js'
import { createRecent, type Recent } from './recent.js'
import { LANES, type RecordKeys, type Sequence } from './record-keys.js'
import type { Reservations, Reserved } from './reservations.js'
import { openRecord } from './sealing.js'
import { createSharedShelf, createShelf, type Shelf } from './shelf.js'
import type { DropReason, QueueRecord, QueueStore } from './types.js'
import type { RecordHeader } from './wire.js'

/** The records in the store, as far as they count here. Nothing in it rejects: what the store fails at is told of. */
export interface Stock {
  /** How many, and how large. */
  readonly shelf: Pick<Shelf, 'count' | 'bytes'>
  readonly recent: Recent
  /** Counts what an earlier process left. */
  open(): Promise<void>
  /** Counts records of our own, which are to be put into the store in this very turn. */
  add(records: readonly QueueRecord[]): void
  resize(key: string, by: number): void
  put(records: readonly QueueRecord[]): Promise<void>
  /** The same synchronously, where the store can, with what it has not said yet that it has. Gives what is to be put again should there be time. */
  putNow(records: readonly QueueRecord[]): readonly QueueRecord[]
  find(key: string): Promise<QueueRecord | undefined>
  /** Every stored record that nobody sends, oldest first, until the visitor has enough: about `expected`. */
  scan(prefix: string, visit: (record: QueueRecord) => boolean, expected?: number): Promise<void>
  /** Taken on from another client, dead or alive: from now on it counts here. */
  adopt(record: QueueRecord): void
  /** Its number, or 0 where it is not of this client, or of an earlier process. */
  ownSeq(key: string): number
  /** No longer counted as pending. The store still has them. */
  uncount(records: readonly Reserved[]): void
  /** Without an outcome nobody is told. */
  remove(records: readonly QueueRecord[], outcome?: 'delivered' | DropReason): Promise<void>
  discard(records: readonly QueueRecord[], reason: DropReason): Promise<void>
  /** Another client took care of them. */
  gone(keys: readonly string[], outcome: 'delivered' | DropReason): void
  /**
   * Nothing is in the store that we count on: another client took it, and we missed the news (a frozen page hears nothing), or somebody
   * deleted the storage.
   */
  reconcile(): void
  /** Everything so far is to be deleted, if not by us then by the next. Returns what to call when we did. */
  doom(): () => void
}

export interface StockDeps {
  readonly store: QueueStore
  readonly keys: RecordKeys
  readonly sequence: Sequence
  readonly ledger: Ledger
  readonly reservations: Reservations
  /** What keeps the store in bounds, for all who share it. */
  readonly maxRecords: () => number
  readonly maxBytes: number
  /** Characters of undelivered records that are kept in memory as well. */
  readonly recentChars?: number
  readonly onDiscard: (reason: DropReason, seq: number, header: RecordHeader, key: string) => void
  /** Tells those who share the store. */
  readonly onGone?: (keys: readonly string[], outcome: 'delivered' | DropReason) => void
  readonly onError: (error: RaindropError) => void
}

/** Most that are read from the store at a time, and what is read where a few are expected. */
const PAGE = 100
const SMALL_PAGE = 16
/** How often a store that others use is looked at while it fills up. */
const LOOKS = 10

export function createStock(deps: StockDeps): Stock {
  const { store, keys, sequence, ledger, reservations } = deps
  const shared = 'list' in store ? (store as SharedStore) : undefined
  const shelf = shared ? createSharedShelf() : createShelf()
  const recent = createRecent(deps.recentChars ?? 0)
  /** Keys of records in a format that only another version reads. */
  const foreign = new Set<string>()
  /** In the hands of a store that has not said yet that it has them. */
  let putting: readonly QueueRecord[] = []
  let opened: Promise<void> | undefined
  /** Put since the last look at what is there. */
  let unseen = 0
  let unseenChars = 0

  function failed(cause: unknown): void {
    const message = 'The queue could not use its storage. What was tracked stays in memory until it can.'
    deps.onError(new RaindropError('storage', message, cause))
  }

  /** Undefined, and told of, where the store fails. */
  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (cause) {
      failed(cause)
      return undefined
    }
  }

  async function sized(): Promise<void> {
    const size = await store.size(keys.prefix())
    const found = Math.max(0, size.records - shelf.count - reservations.leaving - foreign.size)
    if (found > 0) shelf.found(found, Math.max(0, size.bytes - shelf.bytes))
    ledger.found(found)
  }

  async function listed(from: SharedStore): Promise<void> {
    for (const key of await from.list(keys.prefix())) {
      if (!reservations.has(key) && !foreign.has(key)) adopt(key, keys.charsOf(key))
    }
  }

  function adopt(key: string, bytes: number): void {
    if (shelf.has(key)) return
    shelf.add(key, bytes, false)
    ledger.found(1)
  }

  function uncount(key: string, bytes: number): void {
    recent.remove(key)
    shelf.remove(key, bytes)
  }

  function ownSeq(key: string): number {
    const seq = keys.seqOf(key)
    return sequence.isOwn(seq) && shelf.isOwn(key) ? seq : 0
  }

  async function peek(prefix: string, limit: number, after?: string): Promise<readonly QueueRecord[]> {
    const range = { prefix, limit, ...(after === undefined ? {} : { after }) }
    return (await tried(() => store.peek(range))) ?? []
  }

  /** Left alone for whoever can read it: neither sent, nor dropped, nor counted. */
  function ignore({ key, json }: QueueRecord): void {
    if (foreign.has(key)) return
    foreign.add(key)
    if (!shelf.has(key)) return
    shelf.remove(key, json.length)
    ledger.found(-1)
  }

  async function remove(records: readonly QueueRecord[], outcome?: 'delivered' | DropReason): Promise<void> {
    const removed = records.map(({ key }) => key)
    await tried(() => store.remove(removed))
    if (outcome && removed.length > 0) deps.onGone?.(removed, outcome)
  }

  function gone(lost: readonly string[], outcome: 'delivered' | DropReason): void {
    for (const key of lost) {
      if (!shelf.has(key) || reservations.has(key)) continue
      const seq = ownSeq(key)
      uncount(key, 0)
      ledger.settle(seq, outcome)
    }
  }

  /** Others put theirs there, too: after a tenth of what there may be we look how much it is by now. */
  async function looked(records: readonly QueueRecord[]): Promise<void> {
    if (!shared || store.kind === 'memory') return
    for (const { json } of records) unseenChars += json.length
    unseen += records.length
    if (unseen < deps.maxRecords() / LOOKS && unseenChars < deps.maxBytes / LOOKS) return
    unseen = 0
    unseenChars = 0
    await tried(() => listed(shared))
  }

  /** Nobody else counts it: what it was is known where it is in memory. */
  function wiped(): void {
    const lost = shelf.keys().filter((key) => !reservations.has(key))
    for (const key of lost) {
      const record = recent.get(key)
      const seq = ownSeq(key)
      uncount(key, 0)
      if (record) deps.onDiscard('disabled', seq, openRecord(record)!.header, key)
      else ledger.settle(seq, 'disabled')
    }
    if (lost.length === 0) return
    const message = `The storage was deleted by the user or the browser, and ${lost.length} undelivered records with it.`
    deps.onError(new RaindropError('storage', message))
  }

  return {
    shelf,
    recent,
    /**
     * Records that an earlier process left are counted as tracked by the client that takes them on. A store that cannot tell yet is asked
     * again; by then it holds records of our own, which are counted already.
     */
    open() {
      opened ??= (shared ? listed(shared) : sized()).catch(() => void (opened = undefined))
      return opened
    },
    add(records) {
      for (const { key, json } of records) shelf.add(key, json.length, true)
      recent.add(records)
    },
    resize: shelf.resize,
    async put(records) {
      putting = records
      await tried(() => store.put(records))
      putting = []
      await looked(records)
    },
    putNow(added) {
      // With what an asynchronous write has not finished: a signal does not wait for it.
      const records = [...putting, ...added]
      try {
        if (records.length === 0 || !('putSync' in store)) return records
        return (store as SynchronousStore).putSync(records) === false ? records : []
      } catch (cause) {
        failed(cause)
        return records
      }
    },
    find: async (key) => (await peek(key, 1))[0],
    async scan(prefix, visit, expected = 0) {
      let limit = expected > SMALL_PAGE ? PAGE : SMALL_PAGE
      let after: string | undefined
      for (;;) {
        const page = await peek(prefix, limit, after)
        for (const record of page) {
          if (reservations.has(record.key)) continue
          if (!openRecord(record)) ignore(record)
          else if (!visit(record)) return
        }
        if (page.length < limit) return
        after = page[page.length - 1]!.key
        limit = PAGE
      }
    },
    adopt: ({ key, json }) => adopt(key, json.length),
    ownSeq,
    uncount: (records) => records.forEach(({ key, json }) => uncount(key, json.length)),
    remove,
    async discard(records, reason) {
      if (records.length === 0) return
      for (const record of records) {
        const { key, json } = record
        const seq = ownSeq(key)
        adopt(key, json.length)
        uncount(key, json.length)
        deps.onDiscard(reason, seq, openRecord(record)!.header, key)
      }
      await remove(records, reason)
    },
    gone,
    reconcile() {
      if (!shared || store.kind === 'memory') return
      if (shared.isWiped?.()) wiped()
      else gone(shelf.keys(), 'delivered')
    },
    doom() {
      const seq = sequence.next()
      return shared?.doom?.(LANES.map((lane) => [keys.prefix(lane), keys.key(lane, seq, '', 0)])) ?? (() => undefined)
    },
  }
}

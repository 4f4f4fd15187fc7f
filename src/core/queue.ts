import type { CreateAmendments } from './amendments.js'
import { createBounds } from './bounds.js'
import { RaindropError } from './errors.js'
import { createLedger, type Cover, type Settled } from './ledger.js'
import { createPicking, MAX_BATCH, type TakeLimits } from './picking.js'
import type { Clock } from './ports.js'
import { createRecordKeys, createSequence, laneOf, type Lane } from './record-keys.js'
import { createReservations, type Reserved } from './reservations.js'
import { createSealing } from './sealing.js'
import { createStaging, isFoldable, type Draft, type Entry } from './staging.js'
import { createStock } from './stock.js'
import type { DeliveryStats, DropReason, QueueRecord, QueueStore, WireBody } from './types.js'
import { messageOf } from './values.js'
import type { Kind } from './wire.js'

/** Records in the order of sending, within bounds, counted. */
export interface Queue {
  /** Takes a draft. Synchronous and cheap: it is on the caller's path. `onOver` hears what becomes of a forwarded one. */
  add(draft: Draft, onOver?: (outcome: Settled) => void): void
  /** Counts a call that makes no record. */
  reject(reason: DropReason): void
  /** Records that could be sent now, about. */
  readonly waiting: number
  readonly waitingBytes: number
  /** How full it is, by records or by bytes: 0 … 1. */
  readonly load: number
  /** Reserves the next records that may travel together. */
  take(limits: TakeLimits): Promise<readonly Reserved[]>
  /** The same from memory and at once, for a page that goes away: feedback first, newest first. */
  takeNow(limits: TakeLimits & { readonly maxBytes: number }): readonly Reserved[]
  /** Nobody will answer for them: they stay in the queue, but need not leave with `takeNow` again before `forgetSent`. */
  releaseSent(records: readonly Reserved[]): void
  forgetSent(): void
  /** Records that another client took care of. */
  gone(keys: readonly string[], outcome: 'delivered' | DropReason): void
  /** Drops a quarter, least important first: the storage is full. Only to be called while the queue writes. */
  makeRoom(): Promise<void>
  /** Not sent: others may take them again. */
  release(records: readonly Reserved[]): void
  /** Over and done: delivered, or dropped for a reason. */
  settle(records: readonly Reserved[], outcome: 'delivered' | DropReason): Promise<void>
  /** Resolves once everything added before is in the store. */
  persist(): Promise<void>
  /** The same, synchronously, where the store can. For the end of a process. */
  persistSync(): void
  /** Drops everything that waits. */
  purge(reason: DropReason): Promise<void>
  /** Lets go of the store, after everything added before is in it. */
  close(): Promise<void>
  /** What is pending now, watched until it is settled. */
  cover(): Cover
  stats(): DeliveryStats
}

export interface QueueDeps {
  readonly store: QueueStore
  readonly namespace: string
  readonly clock: Clock
  readonly maxRecords: () => number
  readonly maxBytes: number
  readonly maxEventBytes: number
  readonly newId: () => string
  /** The finished body of a draft, or why there is none. Never throws. */
  readonly finish: (draft: Draft) => WireBody | DropReason
  /** Draft or record that the queue itself dropped. What the delivery drops, it reports with the status. */
  readonly onDrop: (reason: DropReason, dropped: { kind: Kind; ref: string }) => void
  readonly onError: (error: RaindropError) => void
  /** Characters of undelivered records that are kept in memory as well. */
  readonly recentChars?: number
  /** Where partials fold into stored records, too. Only done where the store is not shared. */
  readonly amendments?: CreateAmendments | undefined
  /** Tells those who share the store. */
  readonly onGone?: (keys: readonly string[], outcome: 'delivered' | DropReason) => void
}

export function createQueue(deps: QueueDeps): Queue {
  const { store } = deps
  const durable = store.kind !== 'memory'
  const keys = createRecordKeys(deps.namespace)
  const sequence = createSequence(deps.clock)
  const ledger = createLedger()
  const staging = createStaging()
  const reservations = createReservations()
  const sealed = createSealing(deps)
  const onDiscard = (reason: DropReason, seq: number, header: { kind: Kind; ref: string }, key: string): void => {
    amendments?.close(header.ref, key)
    dropped(reason, seq, header)
  }
  const stock = createStock({ ...deps, keys, sequence, ledger, reservations, onDiscard })
  const amendments = 'list' in store ? undefined : deps.amendments?.(deps)
  const bounds = createBounds({ ...deps, keys, sequence, staging, stock, evict: evictStaged })
  const picking = createPicking({
    keys,
    stock,
    reservations,
    isAmended: (key) => amendments?.has(key) === true,
    onReserved: ({ key, header }) => amendments?.close(header.ref, key),
  })
  /** Purged while they were on their way. */
  const purged = new Map<string, DropReason>()
  let line: Promise<unknown> = Promise.resolve()
  let commitPlanned = false
  let toldFull = false

  /** Work on the store is done one piece after the other, so that nothing reads between another's read and write. */
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work)
    line = done.catch(() => undefined)
    return done
  }

  function dropped(reason: DropReason, seq: number, about: { kind: Kind; ref: string }): void {
    ledger.settle(seq, reason)
    deps.onDrop(reason, about)
    if (reason === 'too_large') {
      const limit = `larger than ${deps.maxEventBytes} bytes and cannot be cut`
      deps.onError(
        new RaindropError('too_large', `The ${about.kind} ${about.ref} is ${limit}; it was dropped. Send less in it.`),
      )
    }
    if (reason !== 'queue_full' || toldFull) return
    toldFull = true
    const what = 'The queue is full: what is oldest and least important in it is dropped until something is delivered.'
    deps.onError(new RaindropError('queue_full', `${what} Raise maxQueueSize, or track less.`))
  }

  function evictStaged(lane?: Lane): void {
    const entry = staging.evict(lane)
    if (entry) dropped('queue_full', entry.seq, entry.draft)
  }

  function add(draft: Draft, onOver?: (outcome: Settled) => void): void {
    if (!isFoldable(draft) || !(staging.fold(draft) || amendments?.fold(draft))) {
      const entry: Entry = { draft, seq: sequence.next() }
      staging.push(entry)
      ledger.track()
      if (onOver) ledger.watch(entry.seq, onOver)
    }
    // A loop that tracks without a pause gives the store no turn: what is staged is bounded at once, the whole as soon as it can be.
    while (staging.count > deps.maxRecords() || (staging.bytes > deps.maxBytes && staging.count > 1)) evictStaged()
    if (durable || bounds.isOverfull()) planCommit()
  }

  /** In the same turn of the event loop, so that a burst is one write. */
  function planCommit(): void {
    if (commitPlanned) return
    commitPlanned = true
    queueMicrotask(() => {
      void inLine(async () => {
        commitPlanned = false
        if (durable) await commit(Infinity)
        await bounds.trim()
      })
    })
  }

  /** What is promised to be on disk keeps its bounds there, too. */
  async function persisted(): Promise<void> {
    await commit(Infinity)
    await bounds.trim()
  }

  /** What throws here (a host page that replaced what belongs to the language) costs this one draft, and is told. */
  function sealedOr(draft: Draft): ReturnType<typeof sealed> {
    try {
      return sealed(draft)
    } catch (cause) {
      const what = `The ${draft.kind} ${draft.ref} could not be written and was dropped (${messageOf(cause)}).`
      deps.onError(new RaindropError('invalid_event', what, cause))
      return 'invalid'
    }
  }

  /** Entries as records, which count as stored from here on. */
  function seal(entries: readonly Entry[]): QueueRecord[] {
    const records: QueueRecord[] = []
    for (const { draft, seq } of entries) {
      const record = sealedOr(draft)
      if (typeof record === 'string') {
        dropped(record, seq, draft)
        continue
      }
      const key = keys.key(laneOf(draft.kind), seq, record.header.id, record.json.length)
      const reserved: Reserved = { key, seq, ...record }
      records.push(reserved)
      if (isFoldable(draft)) amendments?.open(draft.ref, key)
    }
    stock.add(records)
    return records
  }

  /**
   * Moves up to `limit` drafts into the store, and amendments with them. Runs in line. Between unstaging and `put` nothing is awaited: a
   * process that exits there would lose what is in neither.
   */
  async function commit(limit: number): Promise<void> {
    await stock.open()
    const amended = amendments && amendments.rewrite(await amendments.read(stock.find))
    for (const { key, by } of amended?.records ?? []) stock.resize(key, by)
    for (const draft of amended?.left ?? []) add(draft)
    const records = [...(amended?.records ?? []), ...seal(staging.take(limit))]
    if (records.length > 0) await stock.put(records)
  }

  /** How many drafts to move into a store that only holds what is being sent: signals all, the rest as the batch needs. */
  function wanted(): number {
    return durable ? Infinity : staging.countOf(0) + Math.max(0, MAX_BATCH - (stock.shelf.count - reservations.count))
  }

  async function pick(limits: TakeLimits): Promise<readonly Reserved[]> {
    const picked = await picking.pick(limits)
    if (!picked && staging.count === 0) stock.reconcile()
    return picked ?? []
  }

  function release(record: Reserved): void {
    const { key, header } = record
    const reason = purged.get(key)
    if (reason) return void settle([record], reason)
    if (!reservations.release(record) || header.kind !== 'partial') return
    if (!staging.isOpen(header.ref) && !amendments?.isOpen(header.ref)) amendments?.open(header.ref, key)
  }

  function settle(records: readonly Reserved[], outcome: 'delivered' | DropReason): Promise<void> {
    stock.uncount(records)
    for (const { key, seq } of records) {
      purged.delete(key)
      ledger.settle(sequence.isOwn(seq) ? seq : 0, outcome)
    }
    if (outcome === 'delivered') toldFull = false
    reservations.settle(records)
    return inLine(async () => {
      await stock.remove(records, outcome)
      reservations.remove(records)
    })
  }

  return {
    add,
    gone(keys, outcome) {
      // On its way from here: purged by another client, it must not come back.
      if (outcome !== 'delivered') for (const key of keys) if (reservations.has(key)) purged.set(key, outcome)
      stock.gone(keys, outcome)
    },
    reject: ledger.reject,
    get waiting() {
      return bounds.pending() - reservations.count
    },
    get waitingBytes() {
      return bounds.bytes() - reservations.bytes
    },
    get load() {
      return bounds.load
    },
    take: (limits) =>
      inLine(async () => {
        await commit(wanted())
        await bounds.dropExpired()
        await bounds.trim()
        let picked = await pick(limits)
        while (picked.length === 0 && staging.count > 0) {
          await commit(MAX_BATCH)
          picked = await pick(limits)
        }
        return picked
      }),
    takeNow: picking.pickNow,
    releaseSent(records) {
      for (const record of records) {
        stock.recent.sent(record.key)
        release(record)
      }
    },
    forgetSent: stock.recent.forgetSent,
    makeRoom: bounds.makeRoom,
    release: (records) => records.forEach(release),
    settle,
    persist: () => (durable ? inLine(persisted) : Promise.resolve()),
    persistSync() {
      if (!('putSync' in store) && !deps.recentChars) return
      // What they fold into cannot be read synchronously: they go behind it.
      for (const draft of amendments?.takeAll() ?? []) add(draft)
      const unsafe = stock.putNow(seal(staging.take(Infinity)))
      // Should the process or page live on, nothing is lost after all.
      if (unsafe.length > 0) void inLine(() => stock.put(unsafe))
    },
    purge(reason) {
      // At the end of a client that cannot reach its disk only what is in memory ends: what is on the disk is the next one's.
      const buried = reason === 'shutdown' ? undefined : stock.doom()
      return inLine(async () => {
        for (const { draft, seq } of staging.take(Infinity)) dropped(reason, seq, draft)
        amendments?.takeAll()
        // What is on its way cannot be called back, but should it come back, it is gone. Before the scan, in which it may come back.
        const leaving = reservations.records()
        for (const { key } of leaving) purged.set(key, reason)
        const victims: QueueRecord[] = []
        await stock.scan(keys.prefix(), (record) => victims.push(record) > 0)
        await stock.discard(victims, reason)
        await stock.remove(leaving)
        buried?.()
      })
    },
    close: () =>
      inLine(async () => {
        await commit(Infinity)
        await bounds.trim()
        await store.close?.()
      }),
    cover: () => ledger.cover(bounds.pending(), sequence.last),
    stats: () => ledger.stats(bounds.pending(), store.kind),
  }
}

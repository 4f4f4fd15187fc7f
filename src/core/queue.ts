import { RaindropError } from './errors.js'
import { createLedger, type Cover, type Settled } from './ledger.js'
import { createOpenPartials } from './open-partials.js'
import type { Clock, SharedStore, SynchronousStore } from './ports.js'
import { createRecent } from './recent.js'
import { createRecordKeys, createSequence, LANES, laneOf, type Lane } from './record-keys.js'
import { createReservations, type Reserved } from './reservations.js'
import { createSealing, openRecord } from './sealing.js'
import { createSharedShelf, createShelf } from './shelf.js'
import { utf8Length } from './size.js'
import { createStaging, type Draft, type Entry } from './staging.js'
import type { DeliveryStats, DropReason, QueueRecord, QueueStore, WireBody } from './types.js'
import type { Kind, Outgoing, Protocol } from './wire.js'

/** What may be taken, decided by the delivery. */
export interface TakeLimits {
  readonly protocol: Protocol
  /** Most records of one request that begins with this kind. 0: the kind must wait. */
  allowance(kind: Kind): number
}

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
  /** Tells those who share the store. */
  readonly onGone?: (keys: readonly string[], outcome: 'delivered' | DropReason) => void
}

/** Most records of one request (DELIVERY §Requests), and most that are read from the store at a time. */
export const MAX_BATCH = 100
/** Read first: enough for most requests. */
const FIRST_PAGE = 16
/** DELIVERY §Bounds: what is older than this on a disk is of no use to anybody. */
const MAX_AGE_MS = 7 * 24 * 3_600_000
const EXPIRY_CHECK_MS = 3_600_000
/** Punctuation and envelope around a record in a request, at most. */
const RECORD_OVERHEAD_BYTES = 256

export function createQueue(deps: QueueDeps): Queue {
  const { store, clock } = deps
  const durable = store.kind !== 'memory'
  const keys = createRecordKeys(deps.namespace)
  const sequence = createSequence(clock)
  const ledger = createLedger()
  const staging = createStaging()
  const partials = createOpenPartials(staging)
  const reservations = createReservations()
  const sealing = createSealing(deps)
  /** Time as it was when the queue was made, and how it went on since: a wall clock that is set while it runs makes nothing old. */
  const startedAt = clock.now() - clock.elapsed()
  /**
   * Others add to the store and remove from it: what is in it is known by key, and a stored record is never rewritten, since another may be
   * sending it.
   */
  const shared = 'list' in store ? (store as SharedStore) : undefined
  const shelf = shared ? createSharedShelf() : createShelf()
  const recent = createRecent(deps.recentChars ?? 0)
  /** On their way without hope of an answer. */
  const sent = new Set<string>()
  /** Purged while they were on their way. */
  const purged = new Map<string, DropReason>()
  /** Keys of records in a format that only another version reads. */
  const foreign = new Set<string>()
  /** In the hands of a store that has not said yet that it has them. */
  let putting: readonly QueueRecord[] = []
  let expiryCheckedAt: number | undefined
  let opened: Promise<void> | undefined
  let line: Promise<unknown> = Promise.resolve()
  let commitPlanned = false
  let toldFull = false

  const pending = (): number => shelf.count + staging.count
  const bytes = (): number => shelf.bytes + staging.bytes
  const isOverfull = (): boolean => pending() > deps.maxRecords() || bytes() > deps.maxBytes

  /** Work on the store is done one piece after the other, so that nothing reads between another's read and write. */
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work)
    line = done.catch(() => undefined)
    return done
  }

  function storageFailed(cause: unknown): void {
    deps.onError(
      new RaindropError(
        'storage',
        'The queue could not use its storage. What was tracked stays in memory until it can.',
        cause,
      ),
    )
  }

  /**
   * Records that an earlier process left are counted as tracked by the client that takes them on. A store that cannot tell yet is asked
   * again; by then it holds records of our own, which are counted already.
   */
  function open(): Promise<void> {
    opened ??= (shared ? listed(shared) : sized()).then(
      () => undefined,
      // The store itself told of its failure.
      () => void (opened = undefined),
    )
    return opened
  }

  async function sized(): Promise<void> {
    const size = await store.size(keys.prefix())
    const found = Math.max(0, size.records - shelf.count - reservations.leaving - foreign.size)
    if (found > 0) shelf.found(found, Math.max(0, size.bytes - shelf.bytes))
    ledger.found(found)
  }

  async function listed(from: SharedStore): Promise<void> {
    for (const { key, bytes } of await from.list(keys.prefix())) {
      if (!reservations.has(key) && !foreign.has(key)) adopt(key, bytes)
    }
  }

  /** Taken on from another client, dead or alive: from now on it counts here. */
  function adopt(key: string, bytes: number): void {
    if (shelf.has(key)) return
    shelf.add(key, bytes, false)
    ledger.found(1)
  }

  /** Out of the store and of what is counted as pending. */
  function unshelve({ key, json }: QueueRecord): void {
    recent.remove(key)
    sent.delete(key)
    shelf.remove(key, json.length)
  }

  /** 0: not of this client, or of an earlier process. */
  function ownSeq(key: string): number {
    const seq = keys.seqOf(key)
    return sequence.isOwn(seq) && shelf.isOwn(key) ? seq : 0
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

  function dropStaged(entry: Entry, reason: DropReason): void {
    partials.close(entry.draft.ref, entry)
    dropped(reason, entry.seq, entry.draft)
  }

  function evictStaged(lane?: Lane): void {
    const entry = staging.evict(lane)
    if (entry) dropStaged(entry, 'queue_full')
  }

  function add(draft: Draft, onOver?: (outcome: Settled) => void): void {
    const canFold = draft.kind === 'partial' && draft.forwardedId === undefined
    if (!canFold || !partials.fold(draft)) {
      const entry: Entry = { draft, seq: sequence.next() }
      staging.push(entry)
      if (canFold) partials.open(draft.ref, entry)
      ledger.track()
      if (onOver) ledger.watch(entry.seq, onOver)
    }
    // A loop that tracks without a pause gives the store no turn: what is staged is bounded at once, the whole as soon as it can be.
    while (staging.count > deps.maxRecords() || (staging.bytes > deps.maxBytes && staging.count > 1)) evictStaged()
    if (durable || isOverfull()) planCommit()
  }

  /** In the same turn of the event loop, so that a burst is one write. */
  function planCommit(): void {
    if (commitPlanned) return
    commitPlanned = true
    queueMicrotask(() => {
      void inLine(async () => {
        commitPlanned = false
        if (durable) await commit(Number.POSITIVE_INFINITY)
        await trim()
      })
    })
  }

  /** Entries as records, which count as stored from here on. */
  function seal(entries: readonly Entry[]): QueueRecord[] {
    const records: QueueRecord[] = []
    for (const entry of entries) {
      const { kind, ref } = entry.draft
      const wasOpen = partials.close(ref, entry)
      const sealed = sealing.seal(entry.draft)
      if (typeof sealed === 'string') {
        dropped(sealed, entry.seq, entry.draft)
        continue
      }
      const key = keys.key(laneOf(kind), entry.seq, sealed.header.id)
      const record: Reserved = { key, seq: entry.seq, ...sealed }
      records.push(record)
      shelf.add(key, sealed.json.length, true)
      if (wasOpen && !shared) partials.open(ref, key)
    }
    recent.add(records)
    return records
  }

  /**
   * Moves up to `limit` drafts into the store, and amendments with them. Runs in line. Between unstaging and `put` nothing is awaited: a
   * process that exits there would lose what is in neither.
   */
  async function commit(limit: number): Promise<void> {
    await open()
    const amendable = new Map<string, QueueRecord | undefined>()
    for (const key of partials.amendments.keys()) amendable.set(key, (await peek(key, 1))[0])
    const amendedRecords = [...amendable].flatMap(([key, old]) => amended(key, old) ?? [])
    const records = [...amendedRecords, ...seal(staging.take(limit))]
    if (records.length > 0) await put(records)
  }

  async function put(records: readonly QueueRecord[]): Promise<void> {
    putting = records
    try {
      await store.put(records)
    } catch (cause) {
      storageFailed(cause)
    } finally {
      putting = []
    }
  }

  /** The stored record with its amendment in it. Where that is gone, or full, the amendment becomes a record of its own. */
  function amended(key: string, old: QueueRecord | undefined): QueueRecord | undefined {
    const draft = partials.amendments.get(key)
    partials.amendments.delete(key)
    if (!draft) return undefined
    const json = old && sealing.amend(old.json, draft)
    if (json === 'nothing_new') return undefined
    if (old && json !== undefined) {
      shelf.resize(key, json.length - old.json.length)
      recent.add([{ key, json }])
      return { key, json }
    }
    partials.close(draft.ref, key)
    add(draft)
    return undefined
  }

  async function peek(prefix: string, limit: number, after?: string): Promise<readonly QueueRecord[]> {
    try {
      return await store.peek({ prefix, limit, ...(after === undefined ? {} : { after }) })
    } catch (cause) {
      storageFailed(cause)
      return []
    }
  }

  /** Left alone for whoever can read it: neither sent, nor dropped, nor counted. */
  function ignore({ key, json }: QueueRecord): void {
    if (foreign.has(key)) return
    foreign.add(key)
    if (!shelf.has(key)) return
    shelf.remove(key, json.length)
    ledger.found(-1)
  }

  /** Every stored record that nobody sends, oldest first, until the visitor has enough. */
  async function scan(prefix: string, visit: (record: QueueRecord) => boolean): Promise<void> {
    let limit = FIRST_PAGE
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
      limit = MAX_BATCH
    }
  }

  async function discard(records: readonly QueueRecord[], reason: DropReason): Promise<void> {
    if (records.length === 0) return
    for (const record of records) {
      const { key, json } = record
      const read = openRecord(record)
      const seq = ownSeq(key)
      adopt(key, json.length)
      unshelve(record)
      partials.amendments.delete(key)
      if (read) {
        partials.close(read.header.ref, key)
        dropped(reason, seq, read.header)
      } else ledger.settle(seq, reason)
    }
    await remove(records, reason)
  }

  async function remove(records: readonly QueueRecord[], outcome: 'delivered' | DropReason): Promise<void> {
    const gone = records.map(({ key }) => key)
    try {
      await store.remove(gone)
    } catch (cause) {
      storageFailed(cause)
    }
    if (gone.length > 0) deps.onGone?.(gone, outcome)
  }

  /** Brings the queue back into its bounds: expired first, then the oldest of the least important lane. Runs in line. */
  async function trim(): Promise<void> {
    if (!isOverfull()) return
    await dropExpired()
    for (const lane of [2, 1, 0] as const) {
      let excess = pending() - deps.maxRecords()
      let excessBytes = bytes() - deps.maxBytes
      if (excess <= 0 && excessBytes <= 0) return
      const victims: QueueRecord[] = []
      await scan(keys.prefix(lane), (record) => {
        if (excess <= 0 && excessBytes <= 0) return false
        victims.push(record)
        excess--
        excessBytes -= record.json.length
        return true
      })
      await discard(victims, 'queue_full')
      while (isOverfull() && staging.countOf(lane) > 0) evictStaged(lane)
    }
  }

  /** Hourly. A wall clock that is set while the process runs makes nothing old: neither what was there at its start nor what came since. */
  async function dropExpired(): Promise<void> {
    const elapsed = clock.elapsed()
    if (!durable || (expiryCheckedAt !== undefined && elapsed - expiryCheckedAt < EXPIRY_CHECK_MS)) return
    expiryCheckedAt = elapsed
    const oldest = (Math.min(clock.now(), startedAt + elapsed) - MAX_AGE_MS) * 1_000
    const ownMayBeOld = elapsed - sequence.startedAt > MAX_AGE_MS
    const isExpired = (seq: number): boolean => seq < oldest && (ownMayBeOld || !sequence.isOwn(seq))
    for (const lane of LANES) {
      const victims: QueueRecord[] = []
      await scan(keys.prefix(lane), (record) => isExpired(keys.seqOf(record.key)) && victims.push(record) > 0)
      await discard(victims, 'expired')
    }
  }

  /** How many drafts to move into a store that only holds what is being sent: signals all, the rest as the batch needs. */
  function wanted(): number {
    return durable
      ? Number.POSITIVE_INFINITY
      : staging.countOf(0) + Math.max(0, MAX_BATCH - (shelf.count - reservations.count))
  }

  function take(limits: TakeLimits): Promise<readonly Reserved[]> {
    return inLine(async () => {
      await commit(wanted())
      await dropExpired()
      await trim()
      let picked = await pick(limits)
      while (picked.length === 0 && staging.count > 0) {
        await commit(MAX_BATCH)
        picked = await pick(limits)
      }
      return picked
    })
  }

  /** Nothing is in the store that we count on: another client took it, and we missed the news (a frozen page hears nothing). */
  function reconcile(): void {
    if (!shared || store.kind === 'memory') return
    gone(shelf.keys(), 'delivered')
  }

  function gone(keys: readonly string[], outcome: 'delivered' | DropReason): void {
    for (const key of keys) {
      if (!shelf.has(key) || reservations.has(key)) continue
      const seq = ownSeq(key)
      unshelve({ key, json: '' })
      ledger.settle(seq, outcome)
    }
  }

  function release(record: Reserved): void {
    const reason = purged.get(record.key)
    if (reason) return void settle([record], reason)
    const { kind, ref } = record.header
    if (!reservations.release(record) || kind !== 'partial' || shared || partials.isOpen(ref)) return
    partials.open(ref, record.key)
  }

  function settle(records: readonly Reserved[], outcome: 'delivered' | DropReason): Promise<void> {
    for (const record of records) {
      purged.delete(record.key)
      unshelve(record)
      ledger.settle(sequence.isOwn(record.seq) ? record.seq : 0, outcome)
    }
    if (outcome === 'delivered') toldFull = false
    reservations.settle(records)
    return inLine(async () => {
      await remove(records, outcome)
      reservations.remove(records)
    })
  }

  function reserve(record: QueueRecord, read: Outgoing): Reserved {
    const taken = isWritten(record) ? record : { ...record, ...read, seq: ownSeq(record.key) }
    // At once: from here on a later partial makes a record of its own.
    reservations.add(taken)
    partials.close(read.header.ref, record.key)
    return taken
  }

  async function pick({ protocol, allowance }: TakeLimits): Promise<readonly Reserved[]> {
    const picked: Reserved[] = []
    const events = new Set<string>()
    let mostBytes = 0
    let passed = 0
    let seen = false
    await scan(keys.prefix(), (record) => {
      seen = true
      // Others behind a long run of another kind get their own request.
      if (picked.length > 0 && ++passed > 2 * MAX_BATCH) return false
      const read = openRecord(record)
      if (!read || partials.amendments.has(record.key)) return true
      const { kind, ref } = read.header
      // In one request that keeps the order, parts of one event may follow each other.
      const isBusy = reservations.isBusy(read.header) && !(protocol.answersPerRecord && events.has(ref))
      if (allowance(kind) === 0 || isBusy) return true
      const first = picked[0]?.header.kind
      if (first && !protocol.together(first, kind)) return true
      // Three bytes a character is the most that UTF-8 needs: only what might not fit is counted.
      mostBytes += record.json.length * 3 + RECORD_OVERHEAD_BYTES
      const fits = mostBytes <= protocol.maxRequestBytes || bytesOf([...picked, record]) <= protocol.maxRequestBytes
      if (first && !fits) return false
      adopt(record.key, record.json.length)
      picked.push(reserve(record, read))
      events.add(ref)
      return fits && picked.length < allowance(first ?? kind) && protocol.together(kind, kind)
    })
    if (!seen && staging.count === 0) reconcile()
    return picked
  }

  return {
    add,
    gone,
    reject: ledger.reject,
    get waiting() {
      return pending() - reservations.count
    },
    get waitingBytes() {
      return bytes() - reservations.bytes
    },
    get load() {
      return Math.max(pending() / deps.maxRecords(), bytes() / deps.maxBytes)
    },
    take,
    takeNow({ protocol, allowance, maxBytes }) {
      const found = recent.newestFirst().filter(({ key }) => !reservations.has(key) && !sent.has(key))
      const lane = ({ key }: QueueRecord): string => key.slice(0, keys.prefix(0).length)
      const picked: Reserved[] = []
      let left = maxBytes
      for (const record of LANES.flatMap((each) => found.filter((other) => lane(other) === keys.prefix(each)))) {
        const size = bytesOf([record])
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
      return picked.sort((a, b) => (a.key < b.key ? -1 : 1))
    },
    releaseSent(records) {
      for (const record of records) {
        sent.add(record.key)
        release(record)
      }
    },
    forgetSent: () => sent.clear(),
    async makeRoom() {
      let excess = Math.ceil(shelf.count / 4)
      for (const lane of [2, 1, 0] as const) {
        const victims: QueueRecord[] = []
        if (excess > 0) await scan(keys.prefix(lane), (record) => victims.push(record) > 0 && --excess > 0)
        await discard(victims, 'queue_full')
      }
    },
    release: (records) => records.forEach(release),
    settle,
    persist: () => (durable ? inLine(() => commit(Number.POSITIVE_INFINITY)) : Promise.resolve()),
    persistSync() {
      const isSynchronous = 'putSync' in store
      if (!isSynchronous && !deps.recentChars) return
      for (const [key, draft] of partials.amendments) {
        // What they fold into cannot be read synchronously: they go behind it.
        partials.close(draft.ref, key)
        add(draft)
      }
      partials.amendments.clear()
      // With what an asynchronous write has not finished: a signal does not wait for it.
      const records = [...putting, ...seal(staging.take(Number.POSITIVE_INFINITY))]
      if (records.length === 0) return
      let isSafe = false
      try {
        isSafe = isSynchronous && (store as SynchronousStore).putSync(records) !== false
      } catch (cause) {
        storageFailed(cause)
      }
      // Should the process or page live on, nothing is lost after all.
      if (!isSafe) void inLine(() => put(records))
    },
    purge: (reason) =>
      inLine(async () => {
        for (const entry of staging.take(Number.POSITIVE_INFINITY)) dropStaged(entry, reason)
        partials.amendments.clear()
        // What is on its way cannot be called back, but should it come back, it is gone. Before the scan, in which it may come back.
        const leaving = reservations.records()
        for (const { key } of leaving) purged.set(key, reason)
        const victims: QueueRecord[] = []
        await scan(keys.prefix(), (record) => victims.push(record) > 0)
        await discard(victims, reason)
        await store.remove(leaving.map(({ key }) => key)).catch(storageFailed)
      }),
    close: () =>
      inLine(async () => {
        await commit(Number.POSITIVE_INFINITY)
        await trim()
        await store.close?.()
      }),
    cover: () => ledger.cover(pending(), sequence.last),
    stats: () => ledger.stats(pending(), store.kind),
  }
}

/** A record that this process wrote, as a store in memory gives it back: with everything that sending needs. */
function isWritten(record: QueueRecord): record is Reserved {
  return 'seq' in record
}

function bytesOf(records: readonly QueueRecord[]): number {
  return records.reduce((sum, { json }) => sum + utf8Length(json) + RECORD_OVERHEAD_BYTES, 0)
}

import { nanoid } from 'nanoid'
import { RaindropError } from './errors.js'
import { createFifo } from './fifo.js'
import type { Clock, SynchronousStore } from './ports.js'
import { createLedger, type Cover } from './ledger.js'
import { fitBody, utf8Length } from './size.js'
import type { DeliveryStats, DropReason, QueueRecord, QueueStore, WireBody } from './types.js'
import { foldPartials, isOurs, readRecord, writeRecord, type Kind, type Outgoing, type Protocol } from './wire.js'

/** A call that was taken, not yet serialised. */
export interface Draft {
  readonly kind: Kind
  /** Event id, signal id, user id or trace id. */
  readonly ref: string
  /** Moment of the call, or the caller's timestamp. Undefined: sent without one. */
  readonly at: number | undefined
  readonly body: WireBody
  readonly token: string | undefined
  /** Characters held, about. */
  readonly size: number
}

/** A record that was taken out to be sent. It stays in the store until it is settled. */
export interface Reserved extends Outgoing, QueueRecord {
  readonly seq: number
}

/** What may be taken, decided by the delivery. */
export interface TakeLimits {
  readonly protocol: Protocol
  /** Most records of one request that begins with this kind. 0: the kind must wait. */
  allowance(kind: Kind): number
}

export interface Queue {
  /** Takes a draft. Synchronous and cheap: it is on the caller's path. */
  add(draft: Draft): void
  /** Counts a call that makes no record. */
  reject(reason: DropReason): void
  /** Records that could be sent now, about. */
  readonly waiting: number
  readonly waitingBytes: number
  /** Reserves the next records that may travel together. */
  take(limits: TakeLimits): Promise<readonly Reserved[]>
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
  /** The finished body of a draft, or why there is none. Never throws. */
  readonly finish: (draft: Draft) => WireBody | DropReason
  /** Draft or record that the queue itself dropped. What the delivery drops, it reports with the status. */
  readonly onDrop: (reason: DropReason, dropped: { kind: Kind; ref: string }) => void
  readonly onError: (error: RaindropError) => void
}

interface Entry {
  draft: Draft
  readonly seq: number
  readonly lane: Lane
}

type Lane = 0 | 1 | 2
const LANES = [0, 1, 2] as const
const LANE_OF: Record<Kind, Lane> = { signal: 0, event: 1, partial: 1, identify: 1, spans: 2 }

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
  const { store, clock, namespace } = deps
  const durable = store.kind !== 'memory'
  const staged = LANES.map(() => createFifo<Entry>())
  /** Undelivered partial of an event that a later one can fold into: still staged, or the key of the stored record. */
  const partials = new Map<string, Entry | string>()
  /** What folds into a stored record as soon as it can be rewritten. */
  const amendments = new Map<string, Draft>()
  const reserved = new Map<string, Reserved>()
  /** Events with something on its way: what else there is of them has to wait, or it could overtake. */
  const busyEvents = new Set<string>()
  /** In the hands of a store that has not said yet that it has them. */
  /** Keys of records in a format that only another version reads. */
  const foreign = new Set<string>()
  let putting: readonly QueueRecord[] = []
  /** Time as it was when the queue was made, and how it went on since: a wall clock that is set while it runs makes nothing old. */
  const startedAt = clock.now() - clock.elapsed()
  const ledger = createLedger()
  let stagedBytes = 0
  let stored = 0
  let storedBytes = 0
  let reservedBytes = 0
  /** Settled, still in the store. */
  let leaving = 0
  let lastSeq = 0
  let expiryCheckedAt: number | undefined
  let opened: Promise<void> | undefined
  let line: Promise<unknown> = Promise.resolve()
  let commitPlanned = false
  const told = new Set<DropReason>()
  /** Keys of this process are in this range; what is outside of it, an earlier one left. */
  let firstSeq = Number.POSITIVE_INFINITY

  const stagedCount = () => staged[0]!.length + staged[1]!.length + staged[2]!.length
  const prefixOf = (lane?: Lane) => (lane === undefined ? `${namespace}/` : `${namespace}/${lane}/`)
  const keyOf = (lane: Lane, seq: number, id: string) => `${prefixOf(lane)}${seq.toString(36).padStart(11, '0')}-${id}`
  const seqOf = (key: string) => Number.parseInt(key.slice(namespace.length + 3, namespace.length + 14), 36)

  /** Work on the store is done one piece after the other, so that nothing reads between another's read and write. */
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work)
    line = done.catch(() => undefined)
    return done
  }

  function storageFailed(cause: unknown): void {
    deps.onError(new RaindropError('storage', 'The queue could not use its storage. What was tracked stays in memory until it can.', cause))
  }

  /**
   * Records that an earlier process left are counted as tracked by the client that takes them on. A store that cannot tell yet is asked
   * again; by then it holds records of our own, which are counted already.
   */
  function open(): Promise<void> {
    opened ??= store.size(prefixOf()).then(
      ({ records, bytes }) => {
        const found = Math.max(0, records - stored - leaving - foreign.size)
        stored += found
        storedBytes += found > 0 ? Math.max(0, bytes - storedBytes) : 0
        ledger.found(found)
      },
      // The store itself told of its failure.
      () => void (opened = undefined),
    )
    return opened
  }

  const isOwn = (seq: number) => seq >= firstSeq && seq <= lastSeq

  function settled(outcome: 'delivered' | DropReason, seq: number): void {
    ledger.settle(isOwn(seq) ? seq : 0, outcome)
  }

  function dropped(reason: DropReason, seq: number, about: { kind: Kind; ref: string }): void {
    settled(reason, seq)
    deps.onDrop(reason, about)
    if (reason === 'too_large') {
      deps.onError(new RaindropError('too_large', `A ${about.kind} (${about.ref}) is larger than ${deps.maxEventBytes} bytes and cannot be cut; it was dropped. Send less in it.`))
    }
    if (reason !== 'queue_full' || told.has(reason)) return
    told.add(reason)
    deps.onError(new RaindropError('queue_full', 'The queue is full: what is oldest and least important in it is dropped until something is delivered. Raise maxQueueSize, or track less.'))
  }

  function forget(entry: Entry): void {
    stagedBytes -= entry.draft.size
    if (partials.get(entry.draft.ref) === entry) partials.delete(entry.draft.ref)
  }

  function evictStaged(lane: Lane): void {
    const entry = staged[lane]!.shift()
    if (!entry) return
    forget(entry)
    dropped('queue_full', entry.seq, entry.draft)
  }

  /** True when the draft became part of one that waits. */
  function fold(draft: Draft): boolean {
    const target = partials.get(draft.ref)
    if (target === undefined) return false
    if (typeof target === 'string') {
      const earlier = amendments.get(target)
      amendments.set(target, earlier ? foldDrafts(earlier, draft) : draft)
    } else {
      stagedBytes -= target.draft.size
      target.draft = foldDrafts(target.draft, draft)
      stagedBytes += target.draft.size
    }
    return true
  }

  function add(draft: Draft): void {
    if (draft.kind !== 'partial' || !fold(draft)) {
      const lane = LANE_OF[draft.kind]
      lastSeq = Math.max(lastSeq + 1, clock.now() * 1_000)
      firstSeq = Math.min(firstSeq, lastSeq)
      const entry: Entry = { draft, seq: lastSeq, lane }
      staged[lane]!.push(entry)
      stagedBytes += draft.size
      if (draft.kind === 'partial') partials.set(draft.ref, entry)
      ledger.track(1)
    }
    // A loop that tracks without a pause gives the store no turn: what is staged is bounded at once, the whole as soon as it can be.
    while (stagedCount() > deps.maxRecords() || (stagedBytes > deps.maxBytes && stagedCount() > 1)) {
      evictStaged(staged[2]!.length > 0 ? 2 : staged[1]!.length > 0 ? 1 : 0)
    }
    if (durable || isOverfull()) planCommit()
  }

  function isOverfull(): boolean {
    return stored + stagedCount() > deps.maxRecords() || storedBytes + stagedBytes > deps.maxBytes
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

  function seal(entry: Entry): QueueRecord | undefined {
    const { draft, lane, seq } = entry
    const body = deps.finish(draft)
    const fit = typeof body === 'string' ? undefined : fitBody(body, deps.maxEventBytes)
    if (typeof body === 'string' || !fit) {
      dropped(typeof body === 'string' ? body : 'too_large', seq, draft)
      return undefined
    }
    const id = nanoid()
    const header = { v: 1, id, kind: draft.kind, ref: draft.ref, ...(draft.token ? { token: draft.token } : {}) } as const
    return { key: keyOf(lane, seq, id), json: writeRecord(header, fit.json) }
  }

  function unstage(limit: number): Entry[] {
    const entries: Entry[] = []
    for (const lane of staged) {
      while (entries.length < limit && lane.length > 0) entries.push(lane.shift()!)
    }
    return entries
  }

  function stage(entries: readonly Entry[]): QueueRecord[] {
    const records: QueueRecord[] = []
    for (const entry of entries) {
      const { kind, ref } = entry.draft
      const open = partials.get(ref) === entry
      forget(entry)
      const record = seal(entry)
      if (!record) continue
      records.push(record)
      stored++
      storedBytes += record.json.length
      if (kind === 'partial' && open) partials.set(ref, record.key)
    }
    return records
  }

  /**
   * Moves up to `limit` drafts into the store, and amendments with them. Runs in line. Between unstaging and `put` nothing is awaited: a
   * process that exits there would lose what is in neither.
   */
  async function commit(limit: number): Promise<void> {
    await open()
    const amendable = new Map<string, QueueRecord | undefined>()
    for (const key of amendments.keys()) amendable.set(key, (await peek(key, 1))[0])
    const records: QueueRecord[] = []
    for (const [key, old] of amendable) {
      const record = amended(key, old)
      if (record) records.push(record)
    }
    records.push(...stage(unstage(limit)))
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

  /** The stored record with its amendment folded in. Where it is gone, or full, the amendment becomes a record of its own. */
  function amended(key: string, old: QueueRecord | undefined): QueueRecord | undefined {
    const draft = amendments.get(key)
    amendments.delete(key)
    if (!draft) return undefined
    const read = old && readRecord(old.json)
    const folded = read && foldInto(read, draft)
    if (folded === 'nothing new') return undefined
    if (!folded) {
      if (partials.get(draft.ref) === key) partials.delete(draft.ref)
      add(draft)
      return undefined
    }
    storedBytes += folded.length - old!.json.length
    return { key, json: folded }
  }

  function foldInto({ header, bodyJson }: Omit<Outgoing, 'seq'>, draft: Draft): string | 'nothing new' | undefined {
    const newer = deps.finish({ ...draft, body: { ...draft.body } })
    if (typeof newer === 'string') return 'nothing new'
    const fit = fitBody(foldPartials(JSON.parse(bodyJson) as WireBody, newer), deps.maxEventBytes)
    return fit && writeRecord(header, fit.json)
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
    stored--
    storedBytes -= json.length
    ledger.found(-1)
  }

  /** Every stored record that nobody sends, oldest first, until the visitor has enough. */
  async function scan(prefix: string, visit: (record: QueueRecord) => boolean): Promise<void> {
    let limit = FIRST_PAGE
    let after: string | undefined
    for (;;) {
      const page = await peek(prefix, limit, after)
      for (const record of page) {
        if (reserved.has(record.key)) continue
        if (!isOurs(record)) ignore(record)
        else if (!visit(record)) return
      }
      if (page.length < limit) return
      after = page[page.length - 1]!.key
      limit = MAX_BATCH
    }
  }

  async function discard(records: readonly QueueRecord[], reason: DropReason): Promise<void> {
    if (records.length === 0) return
    for (const { key, json } of records) {
      const read = readRecord(json)
      stored--
      storedBytes -= json.length
      if (read && partials.get(read.header.ref) === key) partials.delete(read.header.ref)
      amendments.delete(key)
      if (read) dropped(reason, seqOf(key), read.header)
      else settled(reason, seqOf(key))
    }
    forgetBytes()
    await remove(records.map((record) => record.key))
  }

  /** Stores count UTF-8, we count UTF-16: what that leaves of an empty queue is nothing. */
  function forgetBytes(): void {
    if (stored === 0) storedBytes = 0
    if (reserved.size === leaving) reservedBytes = 0
  }

  async function remove(keys: readonly string[]): Promise<void> {
    try {
      await store.remove(keys)
    } catch (cause) {
      storageFailed(cause)
    }
  }

  /** Brings the queue back into its bounds: expired first, then the oldest of the least important lane. Runs in line. */
  async function trim(): Promise<void> {
    if (!isOverfull()) return
    await dropExpired()
    for (const lane of [2, 1, 0] as const) {
      let records = stored + stagedCount() - deps.maxRecords()
      let bytes = storedBytes + stagedBytes - deps.maxBytes
      if (records <= 0 && bytes <= 0) return
      const victims: QueueRecord[] = []
      await scan(prefixOf(lane), (record) => {
        if (records <= 0 && bytes <= 0) return false
        victims.push(record)
        records--
        bytes -= record.json.length
        return true
      })
      await discard(victims, 'queue_full')
      while (isOverfull() && staged[lane]!.length > 0) evictStaged(lane)
    }
  }

  /** Age is told by the clock that was set to less: one that is set while the process runs must cost nothing. */
  async function dropExpired(): Promise<void> {
    const elapsed = clock.elapsed()
    if (!durable || (expiryCheckedAt !== undefined && elapsed - expiryCheckedAt < EXPIRY_CHECK_MS)) return
    expiryCheckedAt = elapsed
    const oldest = (Math.min(clock.now(), startedAt + elapsed) - MAX_AGE_MS) * 1_000
    for (const lane of LANES) {
      const victims: QueueRecord[] = []
      await scan(prefixOf(lane), (record) => seqOf(record.key) < oldest && victims.push(record) > 0)
      await discard(victims, 'expired')
    }
  }

  /** How many drafts to move into a store that only holds what is being sent: signals all, the rest as the batch needs. */
  function wanted(): number {
    return durable ? Number.POSITIVE_INFINITY : staged[0]!.length + Math.max(0, MAX_BATCH - (stored - reserved.size + leaving))
  }

  async function take(limits: TakeLimits): Promise<readonly Reserved[]> {
    return await inLine(async () => {
      await commit(wanted())
      await dropExpired()
      await trim()
      let picked = await pick(limits)
      while (picked.length === 0 && stagedCount() > 0) {
        await commit(MAX_BATCH)
        picked = await pick(limits)
      }
      return picked
    })
  }

  async function pick({ protocol, allowance }: TakeLimits): Promise<readonly Reserved[]> {
    const picked: Reserved[] = []
    let mostBytes = 0
    let passed = 0
    await scan(prefixOf(), (record) => {
      // Others behind a long run of another kind get their own request.
      if (picked.length > 0 && ++passed > 2 * MAX_BATCH) return false
      const read = readRecord(record.json)
      if (!read || amendments.has(record.key)) return true
      const { kind, ref } = read.header
      if (allowance(kind) === 0 || (isOfEvent(kind) && busyEvents.has(ref))) return true
      const first = picked[0]?.header.kind
      if (first && !protocol.together(first, kind)) return true
      // Three bytes a character is the most that UTF-8 needs: only what might not fit is counted.
      mostBytes += record.json.length * 3 + RECORD_OVERHEAD_BYTES
      const fits = mostBytes <= protocol.maxRequestBytes || bytesOf([...picked, record]) <= protocol.maxRequestBytes
      if (first && !fits) return false
      const taken: Reserved = { ...record, ...read, seq: seqOf(record.key) }
      picked.push(taken)
      // At once: from here on a later partial makes a record of its own.
      reserve(taken)
      return fits && picked.length < allowance(first ?? kind) && protocol.together(kind, kind)
    })
    return picked
  }

  function reserve(record: Reserved): void {
    const { kind, ref } = record.header
    reserved.set(record.key, record)
    reservedBytes += record.json.length
    if (isOfEvent(kind)) busyEvents.add(ref)
    if (partials.get(ref) === record.key) partials.delete(ref)
  }

  function unreserve(record: Reserved): void {
    reserved.delete(record.key)
    if (isOfEvent(record.header.kind)) busyEvents.delete(record.header.ref)
  }

  return {
    add,
    reject(reason) {
      ledger.reject(reason)
    },
    get waiting() {
      return stagedCount() + stored - (reserved.size - leaving)
    },
    get waitingBytes() {
      return stagedBytes + storedBytes - reservedBytes
    },
    take,
    release(records) {
      for (const record of records) {
        if (reserved.get(record.key) !== record) continue
        unreserve(record)
        reservedBytes -= record.json.length
        const { kind, ref } = record.header
        if (kind === 'partial' && !partials.has(ref)) partials.set(ref, record.key)
      }
    },
    settle(records, outcome) {
      leaving += records.length
      for (const record of records) {
        stored--
        storedBytes -= record.json.length
        reservedBytes -= record.json.length
        settled(outcome, record.seq)
      }
      if (outcome === 'delivered') told.clear()
      forgetBytes()
      // Reserved until they are gone from the store, or the next take would find them there.
      return inLine(async () => {
        await remove(records.map((record) => record.key))
        leaving -= records.length
        for (const record of records) unreserve(record)
      })
    },
    persist: () => (durable ? inLine(() => commit(Number.POSITIVE_INFINITY)) : Promise.resolve()),
    persistSync() {
      if (!('putSync' in store)) return
      for (const draft of amendments.values()) {
        // What they fold into cannot be read synchronously: they go behind it.
        partials.delete(draft.ref)
        add(draft)
      }
      amendments.clear()
      // With what an asynchronous write has not finished: a signal does not wait for it.
      const records = [...putting, ...stage(unstage(Number.POSITIVE_INFINITY))]
      if (records.length === 0) return
      try {
        ;(store as SynchronousStore).putSync(records)
      } catch (cause) {
        storageFailed(cause)
        // Should the process live on, nothing is lost after all.
        void inLine(() => put(records))
      }
    },
    purge: (reason) =>
      inLine(async () => {
        for (const entry of unstage(Number.POSITIVE_INFINITY)) {
          forget(entry)
          dropped(reason, entry.seq, entry.draft)
        }
        amendments.clear()
        const victims: QueueRecord[] = []
        await scan(prefixOf(), (record) => victims.push(record) > 0)
        await discard(victims, reason)
      }),
    close: () =>
      inLine(async () => {
        await commit(Number.POSITIVE_INFINITY)
        await trim()
        await store.close?.()
      }),
    cover: () => ledger.cover(stored + stagedCount(), lastSeq),
    stats: () => ledger.stats(stored + stagedCount(), store.kind),
  }
}

/** Of an event, one thing after the other. */
function isOfEvent(kind: Kind): boolean {
  return kind === 'event' || kind === 'partial'
}

function bytesOf(records: readonly QueueRecord[]): number {
  return records.reduce((sum, { json }) => sum + utf8Length(json) + RECORD_OVERHEAD_BYTES, 0)
}

function foldDrafts(older: Draft, newer: Draft): Draft {
  return {
    ...older,
    at: older.at ?? newer.at,
    body: foldPartials(older.body, newer.body),
    size: older.size + newer.size,
  }
}

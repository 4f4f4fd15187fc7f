import { createBatchSize } from './batch-size.js'
import { createDeliveryReports } from './delivery-reports.js'
import type { RaindropError } from './errors.js'
import { createGate } from './gate.js'
import { createHolds } from './holds.js'
import type { Cover } from './ledger.js'
import type { Settings } from './options.js'
import type { Cancel, Clock, Transport } from './ports.js'
import { MAX_BATCH, type Queue } from './queue.js'
import type { Reserved } from './reservations.js'
import type { DeliveryReport, FlushReport } from './types.js'
import { createUpload } from './upload.js'
import type { Kind, Protocol } from './wire.js'

/** The loop: decides when, takes, and hands over to be uploaded. */
export interface Delivery {
  /** A record was added. On the caller's path. */
  added(urgent: boolean): void
  /** The settings changed: what waits is judged by the new ones. */
  reconsider(): void
  /** Sends everything that is pending now. `patient`: uses the whole time while a try could still help. */
  flush(timeoutMs: number, patient?: boolean): Promise<FlushReport>
  /** How long, up to now, requests have been under way without a pause. For the end of a process, which they delay. */
  busyMs(): number
  /** Sends nothing more and cuts what is under way. Resolves once all of that is back in the queue. */
  stop(): Promise<void>
}

export interface DeliveryDeps {
  readonly queue: Queue
  readonly transport: Transport
  readonly protocol: Protocol
  readonly clock: Clock
  readonly settings: Readonly<Settings>
  readonly concurrency: number
  readonly requestTimeoutMs: number
  readonly onReport: (report: DeliveryReport) => void
  readonly onError: (error: RaindropError) => void
}

/** Feedback is worth a request of its own. */
const URGENT_MS = 50
/** Bytes that trigger an upload. */
const TRIGGER_BYTES = 49_152
/** A pause shorter than this does not end a run of requests. */
const PAUSE_MS = 100
/** Less than this before its deadline a patient flush only waits for what is under way. */
const LAST_CHANCE_MS = 250

const KINDS: readonly Kind[] = ['signal', 'event', 'partial', 'identify', 'spans']

interface Flush {
  readonly cover: Cover
  readonly deadline: number
  readonly patient: boolean
  readonly done: () => void
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { queue, transport, protocol, clock, settings } = deps
  const gate = createGate(clock)
  const holds = createHolds(clock)
  const batchSize = createBatchSize(MAX_BATCH)
  const reports = createDeliveryReports({ ...deps, gate })
  const flushes = new Set<Flush>()
  /** Records that should be sent as soon as the gate is open. */
  let owed = 0
  /** When what waits becomes owed. */
  let dueAt: number | undefined
  let inFlight = 0
  let pumping = false
  let pumpAgain = false
  let stopped = false
  let atRest: () => void = () => undefined
  /** Nothing could be taken beside what is under way: there is another chance when that has ended. */
  let starved = false
  let wakeAt = Number.POSITIVE_INFINITY
  let cancelWake: Cancel = () => undefined
  let busySince = 0
  let busyUntil = Number.NEGATIVE_INFINITY

  const upload = createUpload({
    ...deps,
    gate,
    holds,
    batchSize,
    reports,
    onPutBack: (records) => (owed += records),
    isStopped: () => stopped,
  })

  function added(urgent: boolean): void {
    if (stopped) return
    // What is held counts among the waiting, and would trigger with every record.
    const trigger = holds.count === 0 && (queue.waiting >= settings.uploadSize || queue.waitingBytes >= TRIGGER_BYTES)
    if (dueAt !== undefined && !urgent && !(trigger && dueAt > 0)) return
    const due = trigger ? 0 : clock.elapsed() + (urgent ? URGENT_MS : settings.uploadIntervalMs)
    if (dueAt !== undefined && dueAt <= due) return
    dueAt = due
    arm(Math.max(due, gate.until))
  }

  function arm(at: number): void {
    if (stopped || at >= wakeAt) return
    cancelWake()
    wakeAt = at
    cancelWake = clock.after(Math.max(0, at - clock.elapsed()), wake, flushes.size > 0)
  }

  function rearm(): void {
    cancelWake()
    wakeAt = Number.POSITIVE_INFINITY
    // All of it left by another way, with a retry: the next record begins an interval of its own.
    if (queue.waiting <= 0) dueAt = undefined
    const next = nextAttempt()
    if (next !== undefined) arm(next)
    for (const { deadline } of flushes) arm(deadline)
  }

  /** After a failure one request at a time finds out whether the receiver is back. */
  function mostInFlight(): number {
    return gate.failures > 0 ? 1 : deps.concurrency
  }

  function mayStart(): boolean {
    return !stopped && inFlight < mostInFlight() && gate.isOpen()
  }

  /** When something could be sent that is not being sent now. A request that ends looks again by itself. */
  function nextAttempt(): number | undefined {
    if (queue.waiting <= 0 || inFlight >= mostInFlight()) return undefined
    const now = owed > 0 ? clock.elapsed() : undefined
    const times = [now, dueAt, holds.nextTrial()].filter((time) => time !== undefined)
    return times.length > 0 ? Math.max(gate.until, Math.min(...times)) : undefined
  }

  function wake(): void {
    wakeAt = Number.POSITIVE_INFINITY
    if ((dueAt !== undefined && dueAt <= clock.elapsed()) || holds.isTrialDue()) owe()
    // Also here: a store that hangs must not hold up whoever waits for a deadline.
    settleFlushes()
    for (const { deadline } of flushes) arm(deadline)
    void pump()
  }

  function owe(): void {
    dueAt = undefined
    owed = queue.waiting
  }

  function allowance(kind: Kind): number {
    return holds.allowance(protocol.route(kind), batchSize.records)
  }

  async function pump(): Promise<void> {
    if (pumping || stopped) {
      pumpAgain = true
      return
    }
    pumping = true
    try {
      do {
        pumpAgain = false
        await fill()
      } while (pumpAgain)
    } catch (cause) {
      // A store of the app's own that breaks its contract.
      owed = 0
      upload.broke([], cause)
    }
    pumping = false
    settleFlushes()
    rearm()
    if (inFlight === 0) atRest()
  }

  /** Starts as many requests as may be under way. */
  async function fill(): Promise<void> {
    while (owed > 0 && mayStart()) {
      const records = KINDS.some((kind) => allowance(kind) > 0) ? await queue.take({ protocol, allowance }) : []
      if (records.length === 0) {
        owed = 0
        starved = inFlight > 0
        return
      }
      // Reading takes time, in which an answer may have closed the gate.
      if (!mayStart()) return queue.release(records)
      owed -= records.length
      start(records)
    }
  }

  function start(records: readonly Reserved[]): void {
    if (inFlight++ === 0 && clock.elapsed() - busyUntil > PAUSE_MS) busySince = clock.elapsed()
    const back = holds.leaving(protocol.route(records[0]!.header.kind), records)
    void upload
      .run(records)
      // Nothing here should throw. If something does, it must cost neither the process nor the records.
      .catch((cause: unknown) => upload.broke(records, cause))
      .finally(() => {
        back()
        inFlight--
        busyUntil = clock.elapsed()
        // What came meanwhile goes along while it fills a batch; less than that waits for its interval.
        if (flushes.size > 0 || starved || queue.waiting >= settings.uploadSize) owed = Math.max(owed, queue.waiting)
        starved = false
        if (stopped && inFlight === 0) atRest()
        void pump()
      })
  }

  /** Resolves the flushes that are settled, out of time, or cannot try anything before their time is out. */
  function settleFlushes(): void {
    const now = clock.elapsed()
    for (const flush of flushes) {
      const isOver = flush.cover.report.pending <= 0 || now >= flush.deadline || stopped
      if (!isOver && (inFlight > 0 || pumping || canStillTry(flush, now))) continue
      flushes.delete(flush)
      flush.done()
    }
  }

  function canStillTry({ deadline, patient }: Flush, now: number): boolean {
    const next = nextAttempt()
    if (next === undefined) return false
    if (next <= deadline) return true
    if (!patient || gate.failures === 0 || gate.isOrdered) return false
    // An outage, at the end of the process: what would be lost with it gets a chance after each half of the time that is left.
    if (deadline - now > LAST_CHANCE_MS) gate.openAt(now + (deadline - now) / 2)
    return true
  }

  /** Reads the store for what an earlier process left, but not beyond the deadline. */
  function opened(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(timeoutMs, resolve, true)
      void queue.persist().finally(() => {
        cancel()
        resolve()
      })
    })
  }

  async function flush(timeoutMs: number, patient = false): Promise<FlushReport> {
    const deadline = clock.elapsed() + timeoutMs
    // Before anything is awaited: what is tracked from here on is not covered.
    const cover = queue.cover()
    await opened(timeoutMs)
    if (cover.report.pending > 0 && !stopped) {
      await new Promise<void>((done) => {
        flushes.add({ cover, deadline, patient, done })
        gate.open()
        holds.tryAll()
        owe()
        rearm()
        void pump()
      })
    }
    cover.release()
    rearm()
    return { ...cover.report }
  }

  return {
    added,
    reconsider() {
      if (dueAt === undefined || queue.waiting <= 0) return
      dueAt = undefined
      added(false)
      rearm()
    },
    flush,
    busyMs: () => (inFlight > 0 || clock.elapsed() - busyUntil <= PAUSE_MS ? clock.elapsed() - busySince : 0),
    stop() {
      stopped = true
      cancelWake()
      transport.abort()
      settleFlushes()
      return inFlight === 0 && !pumping ? Promise.resolve() : new Promise((resolve) => (atRest = resolve))
    },
  }
}

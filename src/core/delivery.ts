import { createBatchSize } from './batch-size.js'
import { createDeliveryReports } from './delivery-reports.js'
import type { RaindropError } from './errors.js'
import { createGate } from './gate.js'
import { createHolds } from './holds.js'
import type { Cover } from './ledger.js'
import type { Settings } from './options.js'
import type { Cancel, Clock, Siblings, Transport } from './ports.js'
import { MAX_BATCH } from './picking.js'
import type { Queue } from './queue.js'
import type { Reserved } from './reservations.js'
import { RETRY_AFTER_MAX_MS } from './retry.js'
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
  /** The page may be gone when this returns: sends what it can from memory. */
  hidden(): void
  /** Something changed for the better: tries what waits, unless backing off. */
  resumed(): void
  /** Another client could not reach the receiver. */
  heardDown(failures: number, waitMs: number): void
  /** Another client reached it. */
  heardUp(): void
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
  readonly siblings?: Siblings | undefined
  readonly isOnline?: (() => boolean) | undefined
  readonly minUploadGapMs?: number | undefined
}

/** Most bytes of a request of a page that is going away (DELIVERY §Page hide). */
const FAREWELL_BYTES = 49_152
/** What is left of the 64 KiB that Chromium allows for all of them together. */
const FAREWELL_REST_BYTES = 8_192
/** Feedback is worth a request of its own. */
const URGENT_MS = 50
/** Bytes that trigger an upload. */
const TRIGGER_BYTES = 49_152
/** Who found it out is the one that tries again first. */
const HEARSAY_MS = 100
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
  const { queue, transport, protocol, clock, settings, siblings } = deps
  const { isOnline = () => true, minUploadGapMs = 0 } = deps
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
  let wakeAt = Infinity
  let cancelWake: Cancel = () => undefined
  let isHidden = false
  let startedAt = -Infinity
  /** Records of our own, so far. */
  let additions = 0
  let busySince = 0
  let busyUntil = -Infinity

  const upload = createUpload({
    ...deps,
    gate,
    holds,
    batchSize,
    reports,
    onPutBack: (records) => (owed += records),
    onDown: () => {
      if (gate.isOrdered) siblings?.order(gate.waitMs())
      siblings?.tell({ kind: 'down', failures: gate.failures, waitMs: gate.waitMs() })
    },
    isStopped: () => stopped,
  })

  function added(urgent: boolean): void {
    additions++
    if (stopped) return
    // What is held counts among the waiting, and would trigger with every record.
    const trigger = holds.count === 0 && (queue.waiting >= settings.uploadSize || queue.waitingBytes >= TRIGGER_BYTES)
    if (dueAt !== undefined && !urgent && !(trigger && dueAt > 0)) return
    const now = clock.elapsed()
    const waitMs = isHidden ? 0 : urgent ? URGENT_MS : settings.uploadIntervalMs
    const soonest = minUploadGapMs > 0 ? Math.max(0, startedAt + minUploadGapMs) : 0
    const due = trigger ? Math.min(soonest, now + waitMs) : now + waitMs
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
    wakeAt = Infinity
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
    return !stopped && inFlight < mostInFlight() && gate.isOpen() && (isOnline() || flushes.size > 0)
  }

  /** When something could be sent that is not being sent now. A request that ends looks again by itself. */
  function nextAttempt(): number | undefined {
    if (queue.waiting <= 0 || inFlight >= mostInFlight()) return undefined
    if (!isOnline() && flushes.size === 0) return undefined
    const now = owed > 0 ? clock.elapsed() : undefined
    const times = [now, dueAt, holds.nextTrial()].filter((time) => time !== undefined)
    return times.length > 0 ? Math.max(gate.until, Math.min(...times)) : undefined
  }

  function wake(): void {
    wakeAt = Infinity
    if ((dueAt !== undefined && dueAt <= clock.elapsed()) || holds.isTrialDue()) owe()
    // Also here: a store that hangs must not hold up whoever waits for a deadline.
    settleFlushes()
    for (const { deadline } of flushes) arm(deadline)
    void pump()
  }

  function owe(): void {
    dueAt = undefined
    // Not only when the request leaves: what is tracked until then goes along, or keeps its distance.
    startedAt = clock.elapsed()
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
      // A round of its own for each request, so that other tabs get their turn.
      const begun = siblings ? await siblings.lease(() => round(siblings)) : await round()
      if (!begun) return
    }
  }

  /** Takes a batch and starts its request; among siblings it lasts until the answer. False where there was nothing to start. */
  async function round(among?: Siblings): Promise<boolean> {
    const isObeying = gate.isOrdered
    const orderedMs = among && !isObeying ? among.orderMs() : 0
    if (orderedMs > 0) gate.ordered(Math.min(orderedMs, RETRY_AFTER_MAX_MS))
    if (!mayStart()) return false
    const before = queue.waiting - additions
    const records = KINDS.some((kind) => allowance(kind) > 0) ? await queue.take({ protocol, allowance }) : []
    if (records.length === 0) {
      owed = 0
      starved = inFlight > 0
      return false
    }
    // Reading takes time, in which an answer may have closed the gate.
    if (!mayStart()) {
      queue.release(records)
      return false
    }
    // Where others leave records too there may be more than we know of. Our own that came meanwhile have their own time.
    const isMore = among !== undefined && queue.waiting - additions > before - records.length
    owed = Math.max(owed - records.length, isMore ? 1 : 0)
    const answered = start(records)
    if (!among) return true
    await answered
    // It ran out. On a clock that was set meanwhile it would begin anew.
    if (isObeying && !gate.isOrdered) among.order(0)
    return true
  }

  function start(records: readonly Reserved[]): Promise<void> {
    if (inFlight++ === 0 && clock.elapsed() - busyUntil > PAUSE_MS) busySince = clock.elapsed()
    startedAt = clock.elapsed()
    return attended(records, () => upload.run(records))
  }

  function hidden(): void {
    isHidden = true
    const { farewell } = transport
    // While backing off it is no use: what is on disk leaves at the next visit.
    if (!farewell || stopped || !gate.isOpen() || !isOnline()) return
    let most = FAREWELL_BYTES
    for (let first = true; ; first = false) {
      const maxBytes = Math.min(most, farewell.room())
      const records = queue.takeNow({ protocol, allowance, maxBytes })
      if (records.length === 0) return
      const answer = farewell.send(protocol.request(records), deps.requestTimeoutMs, first)
      if (answer === undefined) {
        queue.release(records)
        if (most === FAREWELL_REST_BYTES) return
        most = FAREWELL_REST_BYTES
        continue
      }
      if (answer === 'unanswered') {
        queue.releaseSent(records)
        continue
      }
      inFlight++
      void attended(records, () => upload.answered(records, answer))
    }
  }

  function resumed(): void {
    isHidden = false
    queue.forgetSent()
    if (queue.waiting > 0) owe()
    rearm()
    void pump()
  }

  /** Nothing in the work should throw. If something does, it must cost neither the process nor the records. */
  function attended(records: readonly Reserved[], work: () => Promise<void>): Promise<void> {
    const back = holds.leaving(protocol.route(records[0]!.header.kind), records)
    return work()
      .catch((cause: unknown) => upload.broke(records, cause))
      .finally(() => {
        back()
        inFlight--
        busyUntil = clock.elapsed()
        // What came meanwhile goes along while it fills a batch; less than that waits for its interval.
        const isFull = queue.waiting >= settings.uploadSize
        if (flushes.size > 0 || starved || (isFull && minUploadGapMs === 0)) owed = Math.max(owed, queue.waiting)
        else if (isFull) added(false)
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
    hidden,
    resumed,
    heardDown(failures, waitMs) {
      gate.heard(failures, waitMs + HEARSAY_MS)
      rearm()
    },
    heardUp() {
      gate.reached()
      rearm()
    },
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

import { RaindropError, type RaindropErrorCode } from './errors.js'
import type { Cover } from './ledger.js'
import type { Cancel, Clock, Transport } from './ports.js'
import { MAX_BATCH, type Queue } from './queue.js'
import type { Reserved } from './reservations.js'
import { backoffMs, clampRetryAfter, holdMs, readAnswer, type Outcome } from './retry.js'
import type { Settings } from './options.js'
import type { DeliveryReport, DropReason, FlushReport } from './types.js'
import { readRelayAnswer, type Kind, type Protocol } from './wire.js'

/** The loop: take → send → understand the answer → settle or release. */
export interface Delivery {
  /** A record was added. On the caller's path. */
  added(urgent: boolean): void
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
/** Successes in a row after which a batch size that was halved doubles again. */
const RECOVERY = 8
/** A pause shorter than this does not end a run of requests. */
const PAUSE_MS = 100

interface Hold {
  tries: number
  until: number
  readonly status: number
  /** The one record on its way that finds out whether the route takes records again. */
  trial?: readonly Reserved[] | undefined
}

/** Failures that one report covers until something succeeds: an outage often shows several faces. */
type Burst = 'outage' | 'held'

const KINDS: readonly Kind[] = ['signal', 'event', 'partial', 'identify', 'spans']

interface Flush {
  readonly cover: Cover
  readonly deadline: number
  patient: boolean
  readonly done: () => void
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { queue, transport, protocol, clock, settings } = deps
  /** By route: with the direct protocol a missing path does not stop the others. */
  const holds = new Map<string, Hold>()
  const flushes = new Set<Flush>()
  /** What was reported since the last success. */
  const reported = new Set<Burst>()
  let failures = 0
  let gateUntil = 0
  /** Retry-After is the receiver's word: not even flush() goes past it. */
  let gateObeyed = false
  /** Records that should be sent as soon as the gate is open. */
  let owed = 0
  let dueAt: number | undefined
  let inFlight = 0
  let batchLimit = MAX_BATCH
  let successes = 0
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

  function added(urgent: boolean): void {
    if (stopped) return
    // What is held counts among the waiting, and would trigger with every record.
    const trigger = holds.size === 0 && (queue.waiting >= settings.uploadSize || queue.waitingBytes >= TRIGGER_BYTES)
    if (dueAt !== undefined && !urgent && !(trigger && dueAt > 0)) return
    const due = trigger ? 0 : clock.elapsed() + (urgent ? URGENT_MS : settings.uploadIntervalMs)
    if (dueAt !== undefined && dueAt <= due) return
    dueAt = due
    arm(Math.max(due, gateUntil))
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
    return failures > 0 ? 1 : deps.concurrency
  }

  function mayStart(): boolean {
    return !stopped && inFlight < mostInFlight() && gateUntil <= clock.elapsed()
  }

  /** When something could be sent that is not being sent now. A request that ends looks again by itself. */
  function nextAttempt(): number | undefined {
    if (queue.waiting <= 0 || inFlight >= mostInFlight()) return undefined
    const now = clock.elapsed()
    const times = [...holds.values()].filter(({ until }) => until > now).map(({ until }) => until)
    if (owed > 0) times.push(now)
    if (dueAt !== undefined) times.push(dueAt)
    return times.length > 0 ? Math.max(gateUntil, Math.min(...times)) : undefined
  }

  function wake(): void {
    wakeAt = Number.POSITIVE_INFINITY
    const now = clock.elapsed()
    const due = dueAt !== undefined && dueAt <= now
    const trial = [...holds.values()].some((hold) => hold.until <= now)
    if (due || trial) owe()
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
    const hold = holds.get(protocol.route(kind))
    if (!hold) return batchLimit
    return !hold.trial && hold.until <= clock.elapsed() ? 1 : 0
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
      unavailable([], { timeout: false, minWaitMs: 0, cause }, failures)
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
    const hold = holds.get(protocol.route(records[0]!.header.kind))
    if (hold) hold.trial = records
    void upload(records)
      // Nothing here should throw. If something does, it must cost neither the process nor the records.
      .catch((cause: unknown) => unavailable(records, { timeout: false, minWaitMs: 0, cause }, failures))
      .finally(() => {
        if (hold) hold.trial = undefined
        inFlight--
        busyUntil = clock.elapsed()
        // What came meanwhile goes along while it fills a batch; less than that waits for its interval.
        if (flushes.size > 0 || starved || queue.waiting >= settings.uploadSize) owed = Math.max(owed, queue.waiting)
        starved = false
        if (stopped && inFlight === 0) atRest()
        void pump()
      })
  }

  async function send(records: readonly Reserved[]): Promise<{ outcome: Outcome; epoch: number }> {
    const epoch = failures
    if (stopped) return { outcome: { kind: 'unavailable', timeout: false, minWaitMs: 0 }, epoch }
    const answer = await transport.send(protocol.request(records), deps.requestTimeoutMs)
    return { outcome: readAnswer(answer, clock.now()), epoch }
  }

  async function upload(records: readonly Reserved[]): Promise<void> {
    const { outcome, epoch } = await send(records)
    await apply(records, outcome, epoch)
  }

  async function apply(records: readonly Reserved[], outcome: Outcome, epoch: number): Promise<void> {
    const isBack = outcome.kind === 'held' || outcome.kind === 'too_large' || outcome.kind === 'refused'
    if (isBack) reached()
    switch (outcome.kind) {
      case 'accepted':
        return await accepted(records, outcome, epoch)
      case 'unavailable':
        return unavailable(records, outcome, epoch)
      case 'wait':
        return wait(records, outcome.waitMs, outcome.status)
      case 'held':
        return hold(records, outcome.status)
      case 'too_large':
        return await tooLarge(records, outcome.status)
      case 'refused':
        return await bisect(records, outcome.status)
    }
  }

  /** An answer about the records, whatever it says: the outage is over. A Retry-After that another request brought stays in force. */
  function reached(): void {
    failures = 0
    if (gateObeyed && gateUntil > clock.elapsed()) return
    gateUntil = 0
    gateObeyed = false
  }

  function succeeded(records: readonly Reserved[]): void {
    reached()
    reported.clear()
    const routes = new Set(records.map((record) => protocol.route(record.header.kind)))
    // A key that one path takes again is good for all of them.
    for (const [route, { status }] of holds) if (routes.has(route) || status === 401 || status === 403) holds.delete(route)
    if (batchLimit < MAX_BATCH && ++successes >= RECOVERY) {
      successes = 0
      batchLimit = Math.min(MAX_BATCH, batchLimit * 2)
    }
  }

  async function accepted(records: readonly Reserved[], { status, body }: { status: number; body: unknown }, epoch: number): Promise<void> {
    if (!protocol.answersPerRecord) {
      succeeded(records)
      report(records, { outcome: 'delivered', status })
      return await queue.settle(records, 'delivered')
    }
    const verdict = readRelayAnswer(body)
    if (!verdict) return unavailable(records, { status, timeout: false, minWaitMs: 0 }, epoch)
    const taken = records.filter(({ header }) => verdict.accepted.has(header.id))
    const rejected = records.filter(({ header }) => verdict.rejected.has(header.id) && !verdict.accepted.has(header.id))
    const left = records.filter((record) => !taken.includes(record) && !rejected.includes(record))
    if (taken.length > 0 || rejected.length > 0) succeeded(taken)
    if (taken.length > 0) {
      report(taken, { outcome: 'delivered', status })
      await queue.settle(taken, 'delivered')
    }
    for (const record of rejected) await drop([record], 'rejected', status, verdict.rejected.get(record.header.id))
    if (left.length === 0) return
    if (verdict.retryAfterSeconds !== undefined) return wait(left, clampRetryAfter(verdict.retryAfterSeconds * 1_000), status)
    unavailable(left, { status, timeout: false, minWaitMs: 0 }, failures)
  }

  async function drop(records: readonly Reserved[], reason: DropReason, status: number, why?: string): Promise<void> {
    const { kind, ref } = records[0]!.header
    const error =
      reason === 'too_large'
        ? problem('too_large', `The ingest answered 413 to a single ${kind} (${ref}); it was dropped. Send less in it, or raise the limit there.`)
        : problem('rejected', `The ingest refused a ${kind} (${ref}) with ${status}${why ? `: ${why}` : ''}; it was dropped. Check its fields.`)
    report(records, { outcome: 'dropped', status, reason, error })
    deps.onError(error)
    await queue.settle(records, reason)
  }

  function unavailable(
    records: readonly Reserved[],
    outcome: { status?: number; timeout: boolean; minWaitMs: number; cause?: unknown },
    epoch: number,
  ): void {
    putBack(records)
    if (stopped) return
    // Requests that were under way together fail together: one failure, and the wait begins with the last of them. In that pause nothing
    // keeps a process alive that has nothing else to do.
    if (epoch === failures || failures === 0) failures++
    const waitMs = Math.max(backoffMs(failures, clock.random()), outcome.minWaitMs)
    gateObeyed &&= gateUntil > clock.elapsed()
    gateUntil = Math.max(gateObeyed ? gateUntil : 0, clock.elapsed() + waitMs)
    const { status, cause } = outcome
    const error = outcome.timeout
      ? problem('timeout', `No answer from the ingest within ${deps.requestTimeoutMs} ms. What is queued is kept and tried again.`, cause)
      : problem('network', `${status === undefined ? 'The ingest cannot be reached' : `The ingest answered ${status}`}. What is queued is kept and tried again.`, cause)
    report(records, { outcome: 'retrying', status, attempt: failures, nextAttemptInMs: untilGate(), error })
    reportOnce('outage', error)
  }

  function wait(records: readonly Reserved[], waitMs: number, status: number): void {
    putBack(records)
    if (stopped) return
    failures++
    gateUntil = Math.max(gateUntil, clock.elapsed() + waitMs)
    gateObeyed = true
    const error = problem('network', `The ingest answered ${status} and asks to wait ${Math.ceil(waitMs / 1_000)} s. What is queued is kept.`)
    report(records, { outcome: 'retrying', status, attempt: failures, nextAttemptInMs: untilGate(), error })
    reportOnce('outage', error)
  }

  function hold(records: readonly Reserved[], status: number): void {
    putBack(records)
    if (stopped) return
    const route = protocol.route(records[0]!.header.kind)
    const known = holds.get(route)
    const tries = known ? known.tries + (known.trial === records ? 1 : 0) : 1
    // Sent before the route was held: it says nothing new.
    if (tries === known?.tries) return
    holds.set(route, { tries, until: clock.elapsed() + holdMs(tries), status })
    const error =
      status === 401 || status === 403
        ? problem('unauthorised', `The ingest answered ${status}. Check writeKey and projectId. What is queued is kept until it is accepted.`)
        : problem('rejected', `The ingest answered ${status} at ${route}. Check endpoint. What is queued is kept until it is accepted.`)
    report(records, { outcome: 'held', status, attempt: tries, nextAttemptInMs: holdMs(tries), error })
    if (tries === 1) reportOnce('held', error)
  }

  async function tooLarge(records: readonly Reserved[], status: number): Promise<void> {
    if (records.length === 1) return await drop(records, 'too_large', status)
    const half = Math.ceil(records.length / 2)
    batchLimit = Math.min(batchLimit, half)
    successes = 0
    await upload(records.slice(0, half))
    const rest = records.slice(half)
    if (failures > 0 || holds.has(protocol.route(rest[0]!.header.kind)) || stopped) putBack(rest)
    else await upload(rest)
  }

  /**
   * Finds the record that a whole batch was refused for: one request a halving, 7 for a batch of 100. When one half is accepted, the
   * culprit is in the other; what is only beside the culprit goes back and leaves with the next batch.
   */
  async function bisect(records: readonly Reserved[], status: number): Promise<void> {
    let suspects = records
    while (suspects.length > 1 && !stopped) {
      const half = Math.ceil(suspects.length / 2)
      const [tried, rest] = [suspects.slice(0, half), suspects.slice(half)]
      const { outcome, epoch } = await send(tried)
      if (outcome.kind === 'refused') {
        putBack(rest)
        suspects = tried
      } else {
        await apply(tried, outcome, epoch)
        suspects = rest
        if (outcome.kind !== 'accepted') return putBack(rest)
      }
    }
    if (suspects.length > 1) return putBack(suspects)
    await drop(suspects, 'rejected', status)
  }

  function putBack(records: readonly Reserved[]): void {
    queue.release(records)
    owed += records.length
  }

  function untilGate(): number {
    return Math.max(0, Math.round(gateUntil - clock.elapsed()))
  }

  function problem(code: RaindropErrorCode, message: string, cause?: unknown): RaindropError {
    return new RaindropError(code, message, cause)
  }

  function reportOnce(burst: Burst, error: RaindropError): void {
    if (reported.has(burst)) return
    reported.add(burst)
    deps.onError(error)
  }

  function report(records: readonly Reserved[], about: Omit<DeliveryReport, 'ids' | 'kind'>): void {
    const byKind = new Map<Kind, string[]>()
    for (const { header } of records) byKind.set(header.kind, [...(byKind.get(header.kind) ?? []), header.ref])
    for (const [kind, ids] of byKind) deps.onReport({ ...about, kind, ids })
  }

  /** Resolves the flushes that are settled, out of time, or cannot try anything before their time is out. */
  function settleFlushes(): void {
    const now = clock.elapsed()
    for (const flush of flushes) {
      const next = nextAttempt()
      const over = flush.cover.report.pending <= 0 || now >= flush.deadline || stopped
      const idle = inFlight === 0 && !pumping
      if (!over && idle && flush.patient && next !== undefined && next > flush.deadline && !gateObeyed && failures > 0) {
        // The last chance of what would be lost with the process.
        flush.patient = false
        gateUntil = Math.max(now, flush.deadline - Math.min(1_000, (flush.deadline - now) / 2))
        continue
      }
      if (!over && !(idle && (next === undefined || next > flush.deadline))) continue
      flushes.delete(flush)
      flush.done()
    }
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
        if (!gateObeyed) gateUntil = 0
        for (const hold of holds.values()) hold.until = clock.elapsed()
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

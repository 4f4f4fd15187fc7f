import type { BatchSize } from './batch-size.js'
import type { DeliveryReports } from './delivery-reports.js'
import type { Gate } from './gate.js'
import type { Holds } from './holds.js'
import type { Answer, Clock, Transport } from './ports.js'
import type { Queue } from './queue.js'
import type { Reserved } from './reservations.js'
import { clampRetryAfter, readAnswer, type Outcome } from './retry.js'
import { readRelayAnswer, type Protocol } from './wire.js'

export interface UploadDeps {
  readonly queue: Queue
  readonly transport: Transport
  readonly protocol: Protocol
  readonly clock: Clock
  readonly requestTimeoutMs: number
  readonly gate: Gate
  readonly holds: Holds
  readonly batchSize: BatchSize
  readonly reports: DeliveryReports
  /** Records that were not taken are back in the queue, and owed. */
  readonly onPutBack: (records: number) => void
  /** The receiver cannot be reached for a while. */
  readonly onDown: () => void
  readonly isStopped: () => boolean
}

/** Sends a batch and deals with the answer: every record is settled or back in the queue when it resolves. */
export interface Upload {
  run(records: readonly Reserved[]): Promise<void>
  /** The same for a batch that was sent already, by ways that may not tell. */
  answered(records: readonly Reserved[], answer: Promise<Answer | 'unanswered'>): Promise<void>
  /** Something threw that should not have: the records are kept. */
  broke(records: readonly Reserved[], cause: unknown): void
}

type Unavailable = Pick<Extract<Outcome, { kind: 'unavailable' }>, 'status' | 'timeout' | 'minWaitMs' | 'cause'>

interface Attempt {
  readonly outcome: Outcome
  /** Failures in a row when it left. */
  readonly epoch: number
}

export function createUpload(deps: UploadDeps): Upload {
  const { queue, transport, protocol, clock, gate, holds, batchSize, reports } = deps
  /** Batches in a row that held a record which was refused. */
  let refusals = 0
  const routeOf = (records: readonly Reserved[]): string => protocol.route(records[0]!.header.kind)

  function putBack(records: readonly Reserved[]): void {
    queue.release(records)
    deps.onPutBack(records.length)
  }

  async function send(records: readonly Reserved[]): Promise<Attempt> {
    const epoch = gate.failures
    if (deps.isStopped()) return { outcome: { kind: 'unavailable', timeout: false, minWaitMs: 0 }, epoch }
    const answer = await transport.send(protocol.request(records), deps.requestTimeoutMs)
    return { outcome: readAnswer(answer, clock.now()), epoch }
  }

  async function run(records: readonly Reserved[]): Promise<void> {
    const attempt = await send(records)
    if (attempt.outcome.kind === 'accepted') refusals = 0
    await apply(records, attempt)
  }

  async function apply(records: readonly Reserved[], { outcome, epoch }: Attempt): Promise<void> {
    switch (outcome.kind) {
      case 'accepted':
        return protocol.answersPerRecord ? await sort(records, outcome, epoch) : await deliver(records, outcome.status)
      case 'unavailable':
        return unavailable(records, outcome, epoch)
      case 'wait':
        return wait(records, outcome.waitMs, outcome.status)
      case 'held':
        gate.reached()
        return hold(records, outcome.status)
      case 'too_large':
        gate.reached()
        return await halve(records, outcome.status)
      case 'refused':
        gate.reached()
        return await bisect(records, outcome.status)
    }
  }

  async function deliver(records: readonly Reserved[], status: number): Promise<void> {
    gate.reached()
    batchSize.accepted()
    holds.accepted(new Set(records.map(({ header }) => protocol.route(header.kind))))
    reports.delivered(records, status)
    await queue.settle(records, 'delivered')
  }

  async function drop(record: Reserved, reason: 'too_large' | 'rejected', status: number, why?: string): Promise<void> {
    reports.dropped(record, reason, status, why)
    await queue.settle([record], reason)
  }

  /** A relay tells of each record. One that it does not name was not taken. */
  async function sort(
    records: readonly Reserved[],
    { status, body }: { status: number; body: unknown },
    epoch: number,
  ): Promise<void> {
    const verdict = readRelayAnswer(body)
    if (!verdict) return unavailable(records, { status, timeout: false, minWaitMs: 0 }, epoch)
    const taken = records.filter(({ header }) => verdict.accepted.has(header.id))
    const rejected = records.filter(({ header }) => verdict.rejected.has(header.id) && !verdict.accepted.has(header.id))
    const left = records.filter((record) => !taken.includes(record) && !rejected.includes(record))
    if (taken.length > 0) await deliver(taken, status)
    else if (rejected.length > 0) gate.reached()
    for (const record of rejected) await drop(record, 'rejected', status, verdict.rejected.get(record.header.id))
    if (left.length === 0) return
    if (verdict.retryAfterSeconds !== undefined)
      return wait(left, clampRetryAfter(verdict.retryAfterSeconds * 1_000), status)
    unavailable(left, { status, timeout: false, minWaitMs: 0 }, gate.failures)
  }

  function unavailable(records: readonly Reserved[], outcome: Unavailable, epoch: number): void {
    putBack(records)
    if (deps.isStopped()) return
    gate.failed(epoch, outcome.minWaitMs)
    deps.onDown()
    reports.unreachable(records, outcome)
  }

  function wait(records: readonly Reserved[], waitMs: number, status: number): void {
    putBack(records)
    if (deps.isStopped()) return
    gate.ordered(waitMs)
    deps.onDown()
    reports.ordered(records, status, waitMs)
  }

  function hold(records: readonly Reserved[], status: number): void {
    putBack(records)
    if (deps.isStopped()) return
    const route = routeOf(records)
    const tries = holds.hold(route, records, status)
    if (tries !== undefined) reports.held(records, status, route, tries)
  }

  async function halve(records: readonly Reserved[], status: number): Promise<void> {
    if (records.length === 1) return await drop(records[0]!, 'too_large', status)
    batchSize.tooLarge(records.length)
    const half = Math.ceil(records.length / 2)
    // The rest leaves with later batches, which are smaller from now on.
    putBack(records.slice(half))
    await run(records.slice(0, half))
  }

  /**
   * Finds the record that a whole batch was refused for: one request a halving, 7 for a batch of 100. When one half is accepted, the
   * culprit is in the other; what is only beside the culprit goes back and leaves with the next batch.
   */
  async function bisect(records: readonly Reserved[], status: number): Promise<void> {
    // One bad record is an accident. More of them in a row are better met with smaller batches than with a search for each.
    if (records.length > 1 && ++refusals > 1) batchSize.tooLarge(records.length)
    let suspects = records
    while (suspects.length > 1) {
      if (deps.isStopped()) return putBack(suspects)
      const half = Math.ceil(suspects.length / 2)
      const [tried, rest] = [suspects.slice(0, half), suspects.slice(half)]
      const attempt = await send(tried)
      if (attempt.outcome.kind === 'refused') {
        putBack(rest)
        suspects = tried
        continue
      }
      await apply(tried, attempt)
      if (attempt.outcome.kind !== 'accepted') return putBack(rest)
      suspects = rest
    }
    await drop(suspects[0]!, 'rejected', status)
  }

  async function answered(records: readonly Reserved[], coming: Promise<Answer | 'unanswered'>): Promise<void> {
    const epoch = gate.failures
    const answer = await coming
    if (answer === 'unanswered') queue.releaseSent(records)
    else await apply(records, { outcome: readAnswer(answer, clock.now()), epoch })
  }

  return {
    run,
    answered,
    broke: (records, cause) => unavailable(records, { timeout: false, minWaitMs: 0, cause }, gate.failures),
  }
}

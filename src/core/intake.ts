import { wrongCall } from './checks.js'
import { RaindropError } from './errors.js'
import type { Settled } from './ledger.js'
import type { Destination, Settings } from './options.js'
import type { Pipeline } from './pipeline.js'
import type { Reporter } from './reporter.js'
import type { Draft } from './staging.js'
import type { DropReason } from './types.js'
import { messageOf } from './values.js'

/** What the client takes of what it is told. On the caller's path. */
export interface Intake {
  /** Records handed to the queue. */
  readonly enqueued: number
  /** There is nowhere to send to. */
  readonly isAimless: boolean
  /** Switched off from the start: not even an empty database may be made. */
  readonly isUntouched: boolean
  readonly isClosed: boolean
  readonly isReleased: boolean
  /** Why calls are no-ops, if they are. */
  refusal(): DropReason | undefined
  /** False where the call is a no-op: counted, so that nothing disappears without a reason. */
  accepts(): boolean
  /** Runs what reads a call's arguments: what it throws is a wrong call. */
  guard<T>(call: string, read: () => T): T | undefined
  /** Counts and tells. */
  wrongCall(error: RaindropError): void
  enqueue(draft: Draft, urgent?: boolean, onOver?: (outcome: Settled) => void): void
  /** From here on calls are counted and refused, but what they left behind is still taken. */
  close(): void
  /** From here on nothing is taken. */
  release(): void
}

export interface IntakeDeps {
  readonly settings: Settings
  readonly destination: Destination
  readonly pipeline: Pipeline
  readonly reporter: Reporter
  /** There is going to be something to lose. */
  readonly onEnqueue: () => void
  readonly onEnqueued: () => void
}

export function createIntake({ settings, destination, pipeline, reporter, onEnqueue, onEnqueued }: IntakeDeps): Intake {
  const { queue, delivery } = pipeline
  const isAimless = destination.writeKey === undefined && destination.relay === undefined
  let enqueued = 0
  let isClosed = false
  let isReleased = false
  let toldNoKey = false

  function refusal(): DropReason | undefined {
    if (isClosed) return 'shutdown'
    if (!settings.enabled) return 'disabled'
    if (!isAimless) return undefined
    if (!toldNoKey) {
      toldNoKey = true
      reporter.warn(
        'No writeKey was given: nothing is sent. Pass new Raindrop({ writeKey }), or set RAINDROP_WRITE_KEY on a server. ' +
          '(A relay given as a path works in a page only.)',
      )
    }
    return 'disabled'
  }

  function wrong(error: RaindropError): void {
    queue.reject('invalid')
    reporter.complain(error)
  }

  return {
    get enqueued() {
      return enqueued
    },
    isAimless,
    get isUntouched() {
      return !settings.enabled && enqueued === 0
    },
    get isClosed() {
      return isClosed
    },
    get isReleased() {
      return isReleased
    },
    refusal,
    accepts() {
      const reason = refusal()
      if (reason) queue.reject(reason)
      return reason === undefined
    },
    guard(call, read) {
      try {
        return read()
      } catch (error) {
        const isOurs = error instanceof RaindropError
        wrong(isOurs ? error : wrongCall(call, `reading what was passed threw (${messageOf(error)}).`))
        return undefined
      }
    },
    wrongCall: wrong,
    enqueue(draft, urgent = draft.kind === 'signal', onOver) {
      if (isReleased) return queue.reject('shutdown')
      onEnqueue()
      enqueued++
      queue.add(draft, onOver)
      reporter.log.queued(draft)
      delivery.added(urgent)
      onEnqueued()
    },
    close: () => void (isClosed = true),
    release: () => void (isReleased = true),
  }
}

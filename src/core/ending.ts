import type { FeedbackMemory } from './feedback-memory.js'
import type { Intake } from './intake.js'
import type { Life } from './life.js'
import type { Pipeline } from './pipeline.js'
import type { Platform } from './platform.js'
import type { ClientStore } from './store.js'
import type { DeliveryStats, FlushReport } from './types.js'

/** Getting everything out in time: asked by the app, and at the end of client and process. */
export interface Ending {
  flush(timeoutMs: number): Promise<FlushReport>
  persist(): Promise<DeliveryStats['storage']>
  /** The process is about to end by itself: what requests took already is part of the time. */
  drain(timeoutMs: number): Promise<void>
  /** The first call counts. */
  shutdown(timeoutMs: number): Promise<FlushReport>
}

export interface EndingDeps {
  readonly platform: Platform
  readonly pipeline: Pipeline
  readonly intake: Intake
  readonly clientStore: ClientStore
  readonly feedbackMemory: FeedbackMemory | undefined
  readonly life: Life
  /** What waits for another call is a record from here on. */
  readonly gather: () => void
}

export const DEFAULT_FLUSH_MS = 10_000
/** After the deadline of `shutdown()`, for what is cut to come back and the storage to be closed. */
const RELEASE_MS = 300

export function createEnding(deps: EndingDeps): Ending {
  const { platform, pipeline, intake, clientStore, feedbackMemory, life, gather } = deps
  const { queue, delivery } = pipeline
  let closed: Promise<FlushReport> | undefined
  /** How many records were enqueued when the process last wanted to end. */
  let drainedAt = -1

  async function flush(timeoutMs: number, patient?: boolean): Promise<FlushReport> {
    if (intake.isUntouched) return { delivered: 0, pending: 0, dropped: 0 }
    gather()
    const report = await delivery.flush(Math.max(0, timeoutMs), patient)
    clientStore.changed()
    return report
  }

  async function shutdown(timeoutMs: number): Promise<FlushReport> {
    const report = await flush(timeoutMs, true)
    intake.release()
    life.end()
    const before = queue.stats().dropped.shutdown
    // A storage that hangs must not keep the process from ending.
    await new Promise<void>((resolve) => {
      const cancel = platform.clock.after(RELEASE_MS, resolve, true)
      void release().finally(() => {
        cancel()
        resolve()
      })
    })
    const lost = Math.min(report.pending, queue.stats().dropped.shutdown - before)
    return { ...report, pending: report.pending - lost, dropped: report.dropped + lost }
  }

  async function release(): Promise<void> {
    await delivery.stop()
    if (intake.isUntouched) return
    await feedbackMemory?.persist()
    if (platform.store.kind !== 'memory') await queue.close()
    // Or what was to be kept on a disk that fails.
    if (queue.stats().storage === 'memory') await queue.purge('shutdown')
  }

  return {
    flush: (timeoutMs) => flush(timeoutMs),
    async persist() {
      if (!intake.isUntouched) await Promise.all([queue.persist(), feedbackMemory?.persist()])
      return queue.stats().storage
    },
    async drain(timeoutMs) {
      gather()
      // A process that ran out of work asks again after each try: only what is new is worth another one.
      if (intake.enqueued === drainedAt) return
      drainedAt = intake.enqueued
      const { pending } = await flush(Math.max(timeoutMs - delivery.busyMs(), 1_000))
      if (pending > 0) platform.transport.abort()
    },
    shutdown(timeoutMs) {
      if (!closed) {
        closed = shutdown(timeoutMs)
        intake.close()
      }
      return closed
    },
  }
}

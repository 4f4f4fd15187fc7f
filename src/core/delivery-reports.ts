import { RaindropError } from './errors.js'
import type { Gate } from './gate.js'
import type { Reserved } from './reservations.js'
import { holdMs } from './retry.js'
import type { DeliveryReport } from './types.js'
import type { Kind } from './wire.js'

/** Tells the app what became of its records, in words that say what to do. */
export interface DeliveryReports {
  delivered(records: readonly Reserved[], status: number): void
  dropped(record: Reserved, reason: 'too_large' | 'rejected', status: number, why?: string): void
  unreachable(records: readonly Reserved[], outcome: { status?: number; timeout: boolean; cause?: unknown }): void
  ordered(records: readonly Reserved[], status: number, waitMs: number): void
  held(records: readonly Reserved[], status: number, route: string, tries: number): void
}

export interface ReportDeps {
  readonly gate: Gate
  readonly requestTimeoutMs: number
  readonly onReport: (report: DeliveryReport) => void
  readonly onError: (error: RaindropError) => void
}

const KEPT = 'What is queued is kept'

export function createDeliveryReports({ gate, requestTimeoutMs, onReport, onError }: ReportDeps): DeliveryReports {
  /** What was told since the last success. An outage often shows several faces: it is one. */
  const told = new Set<'outage' | 'held'>()

  function report(records: readonly Reserved[], about: Omit<DeliveryReport, 'ids' | 'kind'>): void {
    const byKind = new Map<Kind, string[]>()
    for (const { header } of records) {
      const ids = byKind.get(header.kind)
      if (ids) ids.push(header.ref)
      else byKind.set(header.kind, [header.ref])
    }
    for (const [kind, ids] of byKind) onReport({ ...about, kind, ids })
  }

  function once(burst: 'outage' | 'held', error: RaindropError): void {
    if (told.has(burst)) return
    told.add(burst)
    onError(error)
  }

  function retrying(records: readonly Reserved[], status: number | undefined, error: RaindropError): void {
    report(records, { outcome: 'retrying', status, attempt: gate.failures, nextAttemptInMs: gate.waitMs(), error })
    once('outage', error)
  }

  return {
    delivered(records, status) {
      told.clear()
      report(records, { outcome: 'delivered', status })
    },
    dropped(record, reason, status, why) {
      const { kind, ref } = record.header
      const message =
        reason === 'too_large'
          ? `The ingest answered 413 to one ${kind} alone (${ref}); it was dropped. Send less in it, or raise the limit there.`
          : `The ingest refused the ${kind} ${ref} with ${status}${why ? `: ${why}` : ''}; it was dropped. Check its fields.`
      const error = new RaindropError(reason, message)
      report([record], { outcome: 'dropped', status, reason, error })
      onError(error)
    },
    unreachable(records, { status, timeout, cause }) {
      const what = status === undefined ? 'The ingest cannot be reached' : `The ingest answered ${status}`
      const error = timeout
        ? new RaindropError(
            'timeout',
            `No answer from the ingest within ${requestTimeoutMs} ms. ${KEPT} and tried again.`,
            cause,
          )
        : new RaindropError('network', `${what}. ${KEPT} and tried again.`, cause)
      retrying(records, status, error)
    },
    ordered(records, status, waitMs) {
      const message = `The ingest answered ${status} and asks to wait ${Math.ceil(waitMs / 1_000)} s. ${KEPT}.`
      retrying(records, status, new RaindropError('network', message))
    },
    held(records, status, route, tries) {
      const error =
        status === 401 || status === 403
          ? new RaindropError(
              'unauthorised',
              `The ingest answered ${status}. Check writeKey and projectId. ${KEPT} until it is accepted.`,
            )
          : new RaindropError(
              'rejected',
              `The ingest answered ${status} at ${route}. Check endpoint. ${KEPT} until it is accepted.`,
            )
      report(records, { outcome: 'held', status, attempt: tries, nextAttemptInMs: holdMs(tries), error })
      if (tries === 1) once('held', error)
    },
  }
}

import type { Draft } from './staging.js'
import type { DeliveryReport } from './types.js'

/** One line for each record and decision. Never content: kind, id, event name, size. */
export interface DebugLog {
  on: boolean
  queued(draft: Draft): void
  report(report: DeliveryReport): void
}

export function createDebugLog(on: boolean): DebugLog {
  const log: DebugLog = {
    on,
    queued(draft) {
      if (!log.on) return
      const { kind, ref, body, size } = draft
      const name: unknown = body['event'] ?? body['signal_name'] ?? ''
      console.log(`[raindrop] queued ${kind} ${ref} ${String(name)} ~${size} B`)
    },
    report({ outcome, kind, ids, status, reason, attempt, nextAttemptInMs }) {
      if (!log.on) return
      const details = [
        status === undefined ? '' : `status ${status}`,
        reason ?? '',
        attempt === undefined ? '' : `attempt ${attempt}`,
        nextAttemptInMs === undefined ? '' : `next in ${nextAttemptInMs} ms`,
      ]
      console.log(`[raindrop] ${outcome} ${kind} ${ids.join(' ')} ${details.filter(Boolean).join(', ')}`.trimEnd())
    },
  }
  return log
}

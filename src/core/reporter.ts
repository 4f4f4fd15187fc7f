import { createDebugLog, type DebugLog } from './debug-log.js'
import type { RaindropError } from './errors.js'
import type { DeliveryReport, RaindropOptions } from './types.js'
import { messageOf } from './values.js'

/** How the app hears of what happens. */
export interface Reporter {
  readonly log: DebugLog
  /** On the console: an app without options has no hook yet. */
  warn(message: string): void
  /** Something went wrong. Said on the console where the app does not listen. */
  tell(error: RaindropError): void
  /** A mistake in the calling code: thrown in `strict`, else told. */
  complain(error: RaindropError): void
  /** What became of records. */
  report(report: DeliveryReport): void
}

/** `onReport` is told before the app is. */
export function createReporter(options: RaindropOptions, onReport: (report: DeliveryReport) => void): Reporter {
  const { onError, onDelivery, strict } = options
  const log = createDebugLog(options.debugLogs === true)

  function tell(error: RaindropError): void {
    if (!onError) return console.error(`[raindrop] ${error.message}`)
    runHook(onError, error, (thrown) =>
      console.error(`[raindrop] onError threw (${messageOf(thrown)}) for: ${error.message}`),
    )
  }

  return {
    log,
    warn: (message) => console.warn(`[raindrop] ${message}`),
    tell,
    complain(error) {
      if (strict) throw error
      tell(error)
    },
    report(report) {
      log.report(report)
      onReport(report)
      if (onDelivery) {
        runHook(onDelivery, report, (thrown) => console.error(`[raindrop] onDelivery threw: ${messageOf(thrown)}`))
      }
    },
  }
}

/** A hook is the app's: what it throws, now or as a promise, must not end the process. */
function runHook<T>(hook: (value: T) => unknown, value: T, onThrown: (thrown: unknown) => void): void {
  try {
    const result = hook(value)
    if (typeof result !== 'object' || result === null || !('then' in result)) return
    Promise.resolve(result).catch(onThrown)
  } catch (thrown) {
    onThrown(thrown)
  }
}

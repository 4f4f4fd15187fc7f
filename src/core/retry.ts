import type { Answer } from './ports.js'

/** What an answer means, as a value. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly status: number; readonly body: unknown }
  /** Try the same again later. */
  | {
      readonly kind: 'unavailable'
      readonly status?: number
      readonly timeout: boolean
      readonly minWaitMs: number
      readonly cause?: unknown
    }
  /** The receiver said when. */
  | { readonly kind: 'wait'; readonly status: number; readonly waitMs: number }
  | { readonly kind: 'too_large'; readonly status: number }
  /** Something in the batch is bad. */
  | { readonly kind: 'refused'; readonly status: number }
  /** Nothing is wrong with the batch: a key, a project or a deployment is. */
  | { readonly kind: 'held'; readonly status: number }

const RETRY_AFTER_MIN_MS = 1_000
export const RETRY_AFTER_MAX_MS = 3_600_000
/** A 429 that names no time is still a request to slow down. */
const THROTTLED_MIN_MS = 5_000

/** Seconds or an HTTP date, as RFC 9110 §10.2.3 has it; undefined for anything else. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1_000
    : /[a-z]/i.test(text)
      ? Date.parse(text) - nowMs
      : Number.NaN
  if (Number.isNaN(ms)) return undefined
  return clampRetryAfter(ms)
}

/** Nobody is asked again within a second, and nobody is given up for more than an hour. */
export function clampRetryAfter(ms: number): number {
  return Math.min(Math.max(ms, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS)
}

/** The body of a success, or NO_ANSWER for a page of a captive portal or a cut answer. */
function parsed(status: number, text: string): unknown {
  if (status === 204 || text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return NO_ANSWER
  }
}
const NO_ANSWER = Symbol('no answer')

/** Table of DELIVERY §Outcomes. */
export function readAnswer(answer: Answer, nowMs: number): Outcome {
  if ('failure' in answer) {
    return { kind: 'unavailable', timeout: answer.failure === 'timeout', minWaitMs: 0, cause: answer.cause }
  }
  const { status } = answer
  if (status >= 200 && status < 300) {
    const body = parsed(status, answer.text)
    return body === NO_ANSWER
      ? { kind: 'unavailable', status, timeout: false, minWaitMs: 0 }
      : { kind: 'accepted', status, body }
  }
  if (status === 429 || status === 503) {
    const waitMs = retryAfterMs(answer.retryAfter, nowMs)
    if (waitMs !== undefined) return { kind: 'wait', status, waitMs }
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'unavailable', status, timeout: false, minWaitMs: status === 429 ? THROTTLED_MIN_MS : 0 }
  }
  if (status === 413) return { kind: 'too_large', status }
  if (status === 400 || status === 422) return { kind: 'refused', status }
  return { kind: 'held', status }
}

const FIRST_WAITS_MS = [500, 1_000]
const BACKOFF_MAX_MS = 300_000

/**
 * How long after the `failures`-th failure in a row: three tries in all at 0, 0.5 and 1 s, then 1 s · 2ⁿ up to 5 minutes. A fifth of
 * jitter either way keeps clients that failed together from returning together.
 */
export function backoffMs(failures: number, random: number): number {
  const first = FIRST_WAITS_MS[failures - 1]
  const base = first ?? 1_000 * 2 ** Math.min(failures - 3, 20)
  return Math.min(base * (0.8 + 0.4 * random), BACKOFF_MAX_MS)
}

const HOLD_WAITS_MS = [60_000, 300_000, 1_800_000]

/** How long until one record is tried again: 1, 5, 30 minutes, then hourly. */
export function holdMs(tries: number): number {
  return HOLD_WAITS_MS[tries - 1] ?? 3_600_000
}

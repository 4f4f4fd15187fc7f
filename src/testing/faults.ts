/**
 * How the ingest misbehaves. Nothing is taken in: `status`, `hang` (never answers), `reset` (kills the connection) and
 * `garbage` (200 with an HTML page, as a captive portal). The batch is taken: `slow` (answers late), `lost` (cuts the
 * connection instead of answering) and `slow-body` (answers with headers and half a body, and then nothing more).
 */
export type FaultMode = 'ok' | 'status' | 'hang' | 'reset' | 'slow' | 'garbage' | 'lost' | 'slow-body'

/** Which requests a fault hits, and how it looks. */
export interface FaultOptions {
  /** Of mode `status`. Default 503. */
  status?: number
  /** How many requests it hits before all is well again. Default: all, until the next call. */
  times?: number
  retryAfterSeconds?: number
  /** Raw Retry-After header: a date, or what no client should trip over. */
  retryAfter?: string
  /** Of mode `slow`. Default 500. */
  delayMs?: number
  /** Hits only requests whose path contains this. */
  match?: string
  /** Hits only bodies of more bytes than this, as they came over the wire. */
  overBytes?: number
}

export interface Fault {
  readonly mode: FaultMode
  readonly status: number
  readonly retryAfter: string | undefined
  readonly delayMs: number
}

export interface FaultPlan {
  set(mode: FaultMode, options?: FaultOptions): void
  /** The fault that this request meets; counts it. */
  next(request: { path: string; bytes: number }): Fault
}

export function createFaultPlan(): FaultPlan {
  let mode: FaultMode = 'ok'
  let options: FaultOptions = {}
  let left = Infinity

  return {
    set(nextMode, nextOptions = {}) {
      mode = nextMode
      options = nextOptions
      left = nextOptions.times ?? Infinity
    },
    next({ path, bytes }) {
      const { match = '', overBytes = -1, retryAfterSeconds, delayMs = 500 } = options
      const isHit = left > 0 && path.includes(match) && bytes > overBytes
      if (isHit) left -= 1
      const retryAfter = options.retryAfter ?? retryAfterSeconds?.toString()
      return { mode: isHit ? mode : 'ok', status: options.status ?? 503, retryAfter, delayMs }
    },
  }
}

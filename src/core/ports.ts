import type { QueueStore } from './types.js'

/** Undoes what it was returned for. Idempotent. */
export type Cancel = () => void

/** Time and chance. `elapsed` never jumps: deadlines and waits are measured with it, `now` only stamps. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds since some fixed moment, monotonic. */
  elapsed(): number
  /** 0 ≤ x < 1. */
  random(): number
  /** `keepAlive`: a process must not end before the timer. */
  after(ms: number, run: () => void, keepAlive?: boolean): Cancel
}

/** A request as the protocol wants it. The transport adds nothing but what its platform needs. */
export interface WireRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The receiver takes a gzipped body when `?z=1` is added to the URL. */
  readonly gzip: boolean
}

/** What came back: an answer whose body was read to its end, or no answer. */
export type Answer =
  | { readonly status: number; readonly retryAfter: string | null; readonly text: string }
  | { readonly failure: 'network' | 'timeout'; readonly cause: unknown }

/** Sends a request. Never rejects. */
export interface Transport {
  send(request: WireRequest, timeoutMs: number): Promise<Answer>
  /** Cuts what is under way, so that a process can end. */
  abort(): void
}

/** What the client does when its surroundings change. */
export interface LifecycleHandlers {
  /** The process has nothing left to do: resolves when it may end. */
  drain(timeoutMs: number): Promise<void>
  /** The process ends now: writes what a synchronous store can take. */
  lastWords(): void
}

/** News of the process or page. Watching starts with the first record and ends at shutdown. */
export interface Lifecycle {
  watch(handlers: LifecycleHandlers): Cancel
}

/** What `resumeInteraction()` and spans look up: one per running function of `interaction`, `task`, `tool`, `run`. */
export interface Frame<Current = unknown> {
  readonly parent: Frame<Current> | undefined
  current: Current | undefined
}

/** Carries the frame along an async call chain. */
export interface ContextStore {
  get(): Frame | undefined
  run<T>(frame: Frame, fn: () => T): T
}

/** A store that can also write at the very end of a process. */
export interface SynchronousStore extends QueueStore {
  putSync(records: readonly { readonly key: string; readonly json: string }[]): void
}

/** Everything a composition root decides. Made once for each client. */
export interface Platform {
  readonly clock: Clock
  readonly transport: Transport
  /** Carries no key and may fail unseen: for the local debugger. */
  readonly mirror: Transport
  readonly lifecycle: Lifecycle
  readonly contexts: ContextStore
  readonly store: QueueStore
  /** Requests under way at the same time. */
  readonly concurrency: number
  /** Bytes kept while they cannot be sent. */
  readonly maxQueueBytes: number
  readonly maxQueueSize: number
  /** `properties.$context.metadata`. */
  readonly metadata: Readonly<Record<string, string>>
  /** The serverless request that is being answered, where the host offers one. */
  waitUntil(): ((work: Promise<unknown>) => void) | undefined
}

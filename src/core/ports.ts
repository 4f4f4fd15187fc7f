import type { Topic } from './topic.js'
import type { DropReason, ManualSpan, QueueStore, SpanOptions, ToolCall, TracingPlugin, WireBody } from './types.js'

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
  /** For a page that may be going away: leaves in this very turn. Absent where nothing ends that way. */
  readonly farewell?: Farewell
}

/** What outlives its page. `first`: nothing else was sent this time. */
export interface Farewell {
  /** Most bytes of a body that may leave now. */
  room(): number
  /** `unanswered`: on its way, but nobody will tell whether it arrived. Undefined: refused, nothing left. */
  send(
    request: WireRequest,
    timeoutMs: number,
    first: boolean,
  ): Promise<Answer | 'unanswered'> | 'unanswered' | undefined
}

/** What the client does when its surroundings change. */
export interface LifecycleHandlers {
  /** The process has nothing left to do: resolves when it may end. */
  drain(timeoutMs: number): Promise<void>
  /** The process ends now: writes what a synchronous store can take. */
  lastWords(): void
  /** The page may be gone when this returns. */
  hidden(): void
  /** The page is back. */
  shown(): void
  /** The network came or went, as far as the platform knows. */
  networkChanged(): void
}

/** News of the process or page. Watching starts with the first record and ends at shutdown. */
export interface Lifecycle {
  watch(handlers: LifecycleHandlers): Cancel
  /** False where the platform is sure that there is no network. Absent: it never is. */
  isOnline?(): boolean
}

/** What `resumeInteraction()` and spans look up: one per running function of `interaction`, `task`, `tool`, `run`. */
export interface Frame<Current = unknown> {
  readonly parent: Frame<Current> | undefined
  current: Current | undefined
  /** The span that the function runs in, where one is recorded. */
  readonly span?: SpanIds
}

/** Where a span stands: 32 and 16 hex digits. Without `spanId`: a trace that has no span to hang under yet. */
export interface SpanIds {
  readonly traceId: string
  readonly spanId?: string | undefined
}

/** An interaction, as its spans see it. */
export interface SpanOwner {
  readonly id: string
  /** The trace that it belongs to, and the span that spans without another parent hang under. */
  readonly trace: SpanIds | undefined
  readonly userId: string | undefined
  readonly event: string | undefined
  readonly convoId: string | undefined
  /** Takes the trace on, unless it has one. */
  joinTrace(ids: SpanIds): void
}

/** What a span is begun with. */
export interface SpanCall {
  readonly kind: 'interaction' | 'task' | 'tool'
  readonly name: string
  readonly options?: SpanOptions | undefined
  /** The interaction whose method was called. Else the current one, whichever that is when the span ends. */
  readonly own?: SpanOwner | undefined
  /** The arguments of a wrapped function. */
  readonly args?: readonly unknown[]
}

/** Records spans. Absent where no plug-in was given. */
export interface Tracing {
  /** Runs `fn` in a frame and a span, which ends with what `fn` returns: a promise or generator included. */
  run<T>(call: SpanCall, fn: (span: ManualSpan) => T): T
  /** `ids`: where the span stands, for frames that are to run in it. */
  start(call: SpanCall): ManualSpan & { readonly ids: SpanIds }
  /** Records a tool call that already happened. */
  record(call: ToolCall, own: SpanOwner): void
  /** Runs a request of the SDK itself, which no tracer shall see. */
  quietly<T>(request: () => T): T
}

/** What a plug-in gets of the client. */
export interface TracingHost {
  readonly contexts: ContextStore
  readonly clock: Pick<Clock, 'now' | 'elapsed'>
  /** Takes an OTLP/JSON document, made when it is first asked for. */
  readonly record: (spans: { readonly traceId: string; readonly size: number; readonly body: () => WireBody }) => void
  /** A mistake in the set-up, told once each. */
  readonly problem: (message: string, cause?: unknown) => void
}

/** What `createTracing` really gives. */
export interface ConnectedPlugin extends TracingPlugin {
  connect(host: TracingHost): Tracing
}

/** Carries the frame along an async call chain. */
export interface ContextStore {
  get(): Frame | undefined
  run<T>(frame: Frame, fn: () => T): T
}

/** A store that can also write at the very end of a process. */
export interface SynchronousStore extends QueueStore {
  /** False: begun at best, so that it is written again should there be time. */
  putSync(records: readonly { readonly key: string; readonly json: string }[]): void | false
}

/** A store that others use at the same time: what is in it has to be known by key. */
export interface SharedStore extends QueueStore {
  /** Keys under a prefix, without loading the records. */
  list(prefix: string): Promise<readonly string[]>
  /**
   * Notes, in this very turn, what is to be deleted: whoever opens the store next does it, should this client be gone before. Returns what to
   * call when it is done.
   */
  doom?(doomed: readonly Doomed[]): () => void
  /** It was deleted while this client used it, by the user or the browser. */
  isWiped?(): boolean
}

/** Every key under a prefix that comes before another. */
export type Doomed = readonly [prefix: string, before: string]

/** What clients that share a store tell each other. */
export type News =
  | { readonly kind: 'gone'; readonly keys: readonly string[]; readonly outcome: 'delivered' | DropReason }
  /** The receiver could not be reached: nobody needs to find that out again before. */
  | { readonly kind: 'down'; readonly failures: number; readonly waitMs: number }
  /** The user said something about a target, or it got further. Null: everything that was said is forgotten. */
  | { readonly kind: 'feedback'; readonly topic: Topic | null }

/** The other clients of one namespace: tabs of an origin. Nothing but savings depends on them, correctness rests on ids. */
export interface Siblings {
  /** Runs the work while no other client does such work. */
  lease<T>(work: () => Promise<T>): Promise<T>
  tell(news: News): void
  listen(listener: (news: News) => void): Cancel
  /** How much longer the receiver wants to be left alone, never longer than it said; survives the page. */
  orderMs(): number
  /** It wants to be left alone from now on for that long. 0: no longer. */
  order(waitMs: number): void
}

/** Who uses this client while nobody has said who it is. */
export interface Visitor {
  /** The same at each visit. Made, and kept, at the first call. */
  id(): string
  forget(): void
}

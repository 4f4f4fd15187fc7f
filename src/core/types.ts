import type { StoreApi } from 'zustand/vanilla'
import type { RaindropError } from './errors.js'

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Anything may be passed: what JSON cannot hold is converted (dates, maps, errors, cycles …), never a reason to lose the event. */
export type Properties = Record<string, any>

/** Whether a signal speaks for or against the answer. */
export type Sentiment = 'POSITIVE' | 'NEGATIVE'

/**
 * Something that came with the input or the output: code, text, an image, a page.
 * @example
 * const attachment: Attachment = { type: 'code', role: 'output', value: 'print(1)', language: 'python' }
 */
export interface Attachment {
  type: 'code' | 'text' | 'image' | 'iframe'
  role: 'input' | 'output'
  /** The content, or a URL for image and iframe. */
  value: string
  name?: string
  /** Only for `code`. */
  language?: string
  /** Give one to let a signal point at this attachment. */
  attachmentId?: string
}

/** What every event has, with or without AI in it. */
export interface EventInput {
  /** What happened, e.g. `chat_message`. */
  event: string
  /**
   * Who it happened to. Optional where the client has a user: `new Raindrop({ userId })`, or in a browser after `identify()`, else its
   * anonymous id. In Node `identify()` never sets a default.
   */
  userId?: string
  /** Stable id. Default: a new UUID. Sending the same id again is one event. */
  eventId?: string
  properties?: Properties
  attachments?: readonly Attachment[]
  /** ISO 8601 or Date. Default: the moment of the call. */
  timestamp?: string | Date
}

/** What an event about a model call has besides. */
export interface AiFields {
  model?: string
  input?: string
  output?: string
  convoId?: string
}

/** One of `input`, `output` is required. */
export type AiEventInput = EventInput & AiFields & ({ input: string } | { output: string })

/** What `begin` takes: everything but the event name may come later. */
export type BeginInput = EventInput & AiFields

/** What `finish` takes: properties merge, attachments append, the rest replaces. */
export type FinishInput = Partial<Omit<EventInput, 'eventId'> & AiFields>

/** What every signal has. */
export interface SignalFields {
  name: 'thumbs_up' | 'thumbs_down' | (string & {})
  sentiment?: Sentiment
  /** ISO 8601 or Date. Default: the moment of the call. */
  timestamp?: string | Date
  properties?: Properties
  /** The attachment of the event that is meant. */
  attachmentId?: string
  /** Browser with a relay: from `createFeedbackTokens().mint()`; travels beside the record, never to the API. */
  token?: string
  /** Stable id of this signal, carried in `properties.$signal_id`: a repeat is recognisable. Default: a new nanoid. */
  signalId?: string
}

/** A signal on an event: `feedback` needs a comment, `edit` needs the text after the edit. */
export type SignalInput<Target = { eventId: string }> = Target &
  SignalFields &
  (
    | { type?: 'default' | 'standard' | 'agent' | 'agent_internal'; comment?: string; after?: string }
    | { type: 'feedback'; comment: string }
    | { type: 'edit'; after: string; before?: string }
  )

/** The Python SDK's own form: the comment, or the text after the edit, inside `properties`. */
export type SeedSignalInput<Target = { eventId: string }> = Target &
  SignalFields &
  (
    | { type: 'feedback'; properties: { comment: string; [key: string]: any } }
    | { type: 'edit'; properties: { after: string; [key: string]: any } }
  )

/** A user and what is known of them. */
export interface UserInput {
  userId: string
  traits?: Record<string, any>
}

/** Options of `new Raindrop()`. All are optional; without `writeKey` (or `relay`) nothing is sent. */
export interface RaindropOptions {
  /** Secret. Without one (and without `relay`) nothing is sent and one line says so. Also read from RAINDROP_WRITE_KEY in Node. */
  writeKey?: string
  /** Where to send. Default `https://api.raindrop.ai/v1/`. */
  endpoint?: string
  /** Same-origin path or URL of a relay (`raindrop-js/relay`): the browser then needs no key. */
  relay?: string
  /** Sent as X-Raindrop-Project-Id: 1 to 63 of a-z, 0-9 and inner hyphens. */
  projectId?: string
  /** Default user of what this client tracks. */
  userId?: string
  /** Default conversation of what this client tracks. */
  convoId?: string
  /** Travels as `properties["raindrop.wizardSession"]`. */
  wizardSession?: string
  /** Default true. False makes every call a no-op that counts as dropped (`disabled`). */
  enabled?: boolean
  /** Default false. One line per record and decision: kind, id, event name, bytes; never content. */
  debugLogs?: boolean
  /** Default false. Invalid calls throw a RaindropError instead of being reported to `onError`. For development and tests. */
  strict?: boolean

  /** Records kept while they cannot be sent. Default 10_000 in Node, 5_000 in the browser. Over it the oldest of the least important go first. */
  maxQueueSize?: number
  /** Queued records that trigger an upload, and its steady-state size. Default 10. A backlog goes up to 100 at a time, the most that one request holds. */
  uploadSize?: number
  /** How long the first record after idle waits for others. Default 1_000. */
  uploadIntervalMs?: number
  /** How long an interaction waits for another update before it is sent. Default 1_000. */
  partialDebounceMs?: number
  /** Limit for one request, headers and body. Default 10_000. */
  requestTimeoutMs?: number
  /** Default and maximum 1_048_576 UTF-8 bytes, the limit of the API. Larger events are truncated, longest properties first. */
  maxEventBytes?: number

  /**
   * Last look at an item before anything is written to disk or sent. `body` is the wire body (snake_case); ids may not change. Return it
   * changed, or null to drop it. A throw drops it and is reported.
   */
  beforeSend?: (item: OutgoingItem) => OutgoingItem | null
  /** Called once per kind and outcome of a batch; exceptions in it are swallowed and reported. */
  onDelivery?: (report: DeliveryReport) => void
  /** Failures of delivery (once per burst) and wrong calls (each). Without it they go to console.error. */
  onError?: (error: RaindropError) => void

  /** From `raindrop-js/tracing`. Without it every tracing call runs its function and records nothing. */
  tracing?: TracingPlugin
  /** `indexeddb` (browser default), `memory` (Node default), `fileQueue(dir)`, or your own. */
  storage?: 'indexeddb' | 'memory' | QueueStore
  /** Node: flush (≤ 2 s) on SIGTERM and SIGINT, unless the app listens itself, then raise the signal again. Default false; `fileQueue` always writes on signals. */
  flushOnSignals?: boolean
  /** Serverless: keeps the invocation alive until queued work is sent. */
  waitUntil?: (work: Promise<unknown>) => void
  /** Mirror to a local debugger, e.g. `http://localhost:5899/v1/`. Also RAINDROP_LOCAL_DEBUGGER in Node. Never carries the key. */
  localDebugger?: string | false
  /** Default: the runtime's own, looked up at the first request. */
  fetch?: typeof globalThis.fetch
  /** Makes event ids. Default: `crypto.randomUUID()`. */
  generateId?: () => string
}

/** What `beforeSend` sees. */
export type OutgoingItem =
  | {
      kind: 'event' | 'partial'
      body: WireBody & {
        readonly event_id: string
        ai_data?: { model?: string; input?: string; output?: string; convo_id?: string }
      }
    }
  | { kind: 'signal'; body: WireBody & { readonly event_id: string; readonly signal_name: string } }
  | { kind: 'identify'; body: WireBody & { readonly user_id: string; traits?: Record<string, Json> } }
  | { kind: 'spans'; body: WireBody }

/** A body as it goes over the wire, in snake_case. */
export interface WireBody {
  properties?: Record<string, Json>
  [field: string]: any
}

/** Why a record was not delivered. */
export type DropReason =
  | 'invalid'
  | 'before_send'
  | 'queue_full'
  | 'too_large'
  | 'rejected'
  | 'expired'
  | 'shutdown'
  | 'disabled'

/** One kind and outcome of a batch, for `onDelivery`. */
export interface DeliveryReport {
  outcome: 'delivered' | 'retrying' | 'held' | 'dropped'
  /** Event ids (events, partials), signal ids (signals), user ids (identify), trace ids (spans). */
  ids: readonly string[]
  kind: OutgoingItem['kind']
  status?: number
  reason?: DropReason
  attempt?: number
  nextAttemptInMs?: number
  error?: RaindropError
}

/** `tracked === delivered + pending + sum(dropped)`, always. The unit is a queued record. */
export interface DeliveryStats {
  tracked: number
  delivered: number
  pending: number
  dropped: Readonly<Record<DropReason, number>>
  /** Where undelivered work is kept right now. */
  storage: 'indexeddb' | 'file' | 'memory'
}

/** What became of the records that a `flush` covered. */
export interface FlushReport {
  delivered: number
  pending: number
  dropped: number
}

/** What an app may render. */
export interface RaindropState {
  stats: DeliveryStats
  online: boolean
  /** By `eventId`, or `eventId#attachmentId`. */
  feedback: Readonly<Record<string, FeedbackState>>
}

/** What feedback is about. State is kept per event, or per attachment of an event: key `eventId` or `eventId#attachmentId`. */
export interface FeedbackTarget {
  /** The server-created event id. */
  eventId: string
  /**
   * From `createFeedbackTokens().mint(eventId)`. May come later than the vote: `token: undefined` says that it will, and what is said until
   * then waits for it, a minute at most. What a relay refused for want of a token is sent again when the token comes.
   */
  token?: string | null | undefined
  attachmentId?: string
}

/** Votes, comments and edits of the current user on one target. Handles on the same target share one state. */
export interface FeedbackHandle {
  /** The same object until something changes. */
  getState(): FeedbackState
  /** Returns what ends the subscription. */
  subscribe(listener: (state: FeedbackState) => void): () => void
  /**
   * Same vote again clears it. Within `undoWindowMs` (default 1_500, at most 60_000; 0 sends at once) only the last state is sent, and nothing
   * where that is what the receiver knows already. Page hide and `flush()` end the wait.
   */
  vote(vote: 'up' | 'down' | null, options?: { undoWindowMs?: number; properties?: Properties }): void
  /** Sent at once, after a vote that was still held. Without a text the reasons are the comment. */
  comment(text: string, options?: { reasons?: readonly string[]; properties?: Properties }): void
  /** Sent at once. With `before`, or after an earlier edit, `properties.changed` counts the characters added and removed. */
  edit(after: string, options?: { before?: string; properties?: Properties }): void
  /** Takes back the last thing said: a held vote without a trace, anything else by one `feedback_retracted` with `properties.retracts`. */
  undo(): void
  /** Sends again what failed, under the same ids. */
  retry(): void
  /** Any other signal on the target, e.g. `copied`, with its token. Returns the signal id. */
  track(signal: SignalInput<{}>): string
  /** A vote known to the server, or null for none: shown, unless something was said in this page, or is not delivered yet. Sends nothing. */
  restore(vote: 'up' | 'down' | null): void
}

/** Feedback of the current user on one target. */
export interface FeedbackState {
  vote: 'up' | 'down' | null
  comment?: string
  reasons?: readonly string[]
  after?: string
  /**
   * `held`: may still change without a trace, or waits for its token. `queued`: on its way, also through an outage. `failed`: refused or
   * dropped, see `reason`; `retry()` sends it again.
   */
  delivery: 'idle' | 'held' | 'queued' | 'delivered' | 'failed'
  /** Why it failed. */
  reason?: DropReason
}

/** One AI interaction, built up in steps and sent as partial updates until it is finished. */
export interface Interaction {
  /** The event id. */
  readonly id: string
  readonly finished: boolean
  /** Replaces the input. */
  setInput(text: string): this
  /** Replaces the model's name. */
  setModel(model: string): this
  /** Replaces one property; the others stay. */
  setProperty(key: string, value: unknown): this
  /** Merges by key. */
  setProperties(properties: Properties): this
  /** Appends to those that are there. */
  addAttachments(attachments: readonly Attachment[]): this
  /** Streaming: appends to the output without a request per chunk. */
  appendOutput(delta: string): this
  /**
   * Passes the stream through and finishes the interaction with what went by (text, aborted, error). The result has the stream's
   * interfaces, not its class. `text` extracts the text of a chunk that is no string.
   */
  trackStream<S extends ReadableStream<string | Uint8Array> | AsyncIterable<string>>(stream: S): S
  /** For chunks that are no strings: `text` says where the text of one is. */
  trackStream<C, S extends ReadableStream<C> | AsyncIterable<C>>(
    stream: S & (ReadableStream<C> | AsyncIterable<C>),
    text: (chunk: C) => string | undefined,
  ): S
  /**
   * Properties merge, attachments append, the rest replaces. Afterwards every other call on the handle is reported (`invalid_event`) and
   * ignored; `resumeInteraction(id)` elsewhere can still add.
   */
  finish(final?: string | FinishInput): void
  /** A signal on this interaction's event. Returns the signal id. */
  trackSignal(signal: SignalInput<{}>): string
  /** The Python SDK's form of a comment or an edit. */
  trackSignal(signal: SeedSignalInput<{}>): string
  /** Runs `fn` with this interaction as the current one. */
  run<T>(fn: () => T): T
  withTask: WithSpan
  withTool: WithSpan
  /** A span that ends where you say. */
  startSpan(options: SpanOptions & { kind: 'task' | 'tool'; name: string }): ManualSpan
  /** Records a tool call that already happened. */
  trackTool(call: ToolCall): void
  /** traceparent and x-raindrop-event-id, to hand this interaction to another process. */
  toHeaders(): Record<string, string>
}

/** A tool call that already happened. */
export interface ToolCall {
  name: string
  input?: unknown
  output?: unknown
  durationMs?: number
  startTime?: Date
  error?: unknown
  properties?: Properties
}

/** Runs `fn` inside a span, sync or async, records its error and rethrows it. */
export interface WithSpan {
  <T>(name: string, fn: (span: ManualSpan) => T): T
  <T>(name: string, options: SpanOptions, fn: (span: ManualSpan) => T): T
}

/** What a span says besides its name. */
export interface SpanOptions {
  /** Of your function, e.g. to tell two prompts apart: `traceloop.entity.version`. */
  version?: number
  properties?: Properties
  /** Record arguments and result. Default true. */
  recordContent?: boolean
}

/** A span whose data and end you set. Every call is harmless after `end()`. */
export interface ManualSpan {
  readonly eventId: string | undefined
  readonly traceId: string | undefined
  /** Replaces what was recorded as its input. Text stays text, anything else becomes JSON. */
  recordInput(data: unknown): this
  /** Replaces what was recorded as its output. */
  recordOutput(data: unknown): this
  /** Merges by key. */
  setProperties(properties: Properties): this
  /** Idempotent. An error marks the span as failed. */
  end(options?: { error?: unknown }): void
  /** As `end()`: for `using span = …`. */
  [Symbol.dispose](): void
}

/**
 * Wraps a function, or decorates a method (TC39 decorators).
 * @typeParam F - the function's own type, which the wrapper has too
 */
export type FunctionWrapper = <F extends (...args: any[]) => any>(
  fn: F,
  context?: ClassMethodDecoratorContext<any, any>,
) => F

/** Made by `createTracing` of `raindrop-js/tracing`. */
export interface TracingPlugin {
  readonly name: 'opentelemetry' | (string & {})
}

/** Durable first-in, first-out storage. Reading never removes: the caller deletes what was acknowledged. */
export interface QueueStore {
  readonly kind: 'indexeddb' | 'file' | 'memory'
  /** A record whose key is there already is replaced. */
  put(records: readonly QueueRecord[]): Promise<void>
  /** At most `limit` records in key order, of keys that begin with `prefix` and come after `after`. */
  peek(range: { prefix: string; after?: string; limit: number }): Promise<readonly QueueRecord[]>
  /** Unknown keys are ignored. */
  remove(keys: readonly string[]): Promise<void>
  /** Under a prefix, without loading them. */
  size(prefix: string): Promise<{ records: number; bytes: number }>
  /** Called once, by `shutdown()`, after the last call of anything else here. */
  close?(): Promise<void>
}

/** Opaque to stores apart from `key`, which orders them. */
export interface QueueRecord {
  readonly key: string
  readonly json: string
}

/** What `raindrop.store` is: read-only zustand. */
export type ReadonlyRaindropStore = Pick<StoreApi<RaindropState>, 'getState' | 'getInitialState' | 'subscribe'>

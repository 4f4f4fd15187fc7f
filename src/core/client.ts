import { readName, readObject, readTimestamp, wrongCall } from './checks.js'
import { createDebugLog, type DebugLog } from './debug-log.js'
import { createDelivery, type Delivery } from './delivery.js'
import { RaindropError } from './errors.js'
import { createFeedback, type Feedback } from './feedback.js'
import { createFeedbackMemory, type FeedbackMemory } from './feedback-memory.js'
import { FORWARDING, type ForwardedRecord, type Forwarding } from './forwarding.js'
import { readHeaders, type IncomingHeaders } from './headers.js'
import { eventIdOf, readEvent, readEventName, readIdentify, readUser, type EventDefaults } from './event.js'
import { createIdSource, shortHash } from './ids.js'
import type { IntegrationDoor } from './integration.js'
import { createInteractions, type Interactions } from './interactions.js'
import { createKeepAlive } from './keep-alive.js'
import { TrackedInteraction, type InteractionHost } from './interaction.js'
import { createMirror, type Mirror } from './mirror.js'
import {
  applySettings,
  createDestination,
  createSettings,
  readTimeout,
  type Destination,
  type Settings,
} from './options.js'
import { createOutlet } from './outlet.js'
import type { Settled } from './ledger.js'
import type { Cancel, News, Siblings, SpanCall, SpanIds, TracingHost } from './ports.js'
import type { Platform } from './platform.js'
import { createQueue, type Queue } from './queue.js'
import type { Draft } from './staging.js'
import { createResilientStore, type ResilientStore } from './resilient-store.js'
import { readSignal, signalIdOf } from './signal.js'
import { createClientStore, type ClientStore } from './store.js'
import {
  connectTracing,
  createWithSpan,
  createWrapper,
  currentOf,
  quiet,
  spanOf,
  TRACING_DOOR,
  type Tracer,
} from './tracing.js'
import type {
  AiEventInput,
  BeginInput,
  DeliveryReport,
  DeliveryStats,
  DropReason,
  EventInput,
  FeedbackHandle,
  FeedbackTarget,
  FlushReport,
  FunctionWrapper,
  Interaction,
  RaindropOptions,
  ReadonlyRaindropStore,
  SeedSignalInput,
  SignalInput,
  SpanOptions,
  UserInput,
  WithSpan,
} from './types.js'
import { messageOf } from './values.js'
import { contextOf, directHeaders, directProtocol, relayProtocol, type Kind } from './wire.js'

/** What `configure` can change at run time. */
export type RuntimeOptions = Partial<
  Pick<
    RaindropOptions,
    'maxQueueSize' | 'uploadSize' | 'uploadIntervalMs' | 'partialDebounceMs' | 'enabled' | 'userId' | 'convoId'
  >
>

const DEFAULT_FLUSH_MS = 10_000
/** An invocation is kept alive this long at most. */
const KEEP_ALIVE_MS = 25_000
/** After the deadline of `shutdown()`, for what is cut to come back and the storage to be closed. */
const RELEASE_MS = 300

/** `Symbol.asyncDispose`, also where the runtime is older than it: TypeScript's `await using` looks for the same. */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose)

/** The client, over whatever platform a composition root gives it. */
export class RaindropCore {
  /** Read-only zustand store of what an app may render: stats, online, feedback. */
  readonly store: ReadonlyRaindropStore
  readonly withTask: WithSpan
  readonly withTool: WithSpan
  /** @internal For the integrations of this package. */
  readonly [TRACING_DOOR]: IntegrationDoor
  readonly #options: RaindropOptions
  readonly #settings: Settings
  readonly #destination: Destination
  readonly #platform: Platform
  readonly #siblings: Siblings | undefined
  readonly #store: ResilientStore
  readonly #queue: Queue
  readonly #delivery: Delivery
  readonly #interactions: Interactions
  readonly #host: InteractionHost
  readonly #clientStore: ClientStore
  readonly #feedback: Feedback
  readonly #feedbackMemory: FeedbackMemory | undefined
  readonly #log: DebugLog
  readonly #mirror: Mirror | undefined
  readonly #tracer: Tracer
  readonly #keepAlive: () => void
  readonly #newId = createIdSource()
  readonly #eventDefaults: EventDefaults
  #closed: Promise<FlushReport> | undefined
  #released = false
  #unwatch: Cancel | undefined
  #cancelRecovery: Cancel = () => undefined
  #isHidden = false
  #farewellPlanned = false
  #toldNoKey = false
  /** Records handed to the queue, and how many of them were when the process last wanted to end. */
  #enqueued = 0
  #drainedAt = -1

  constructor(options: RaindropOptions, platform: Platform) {
    this.#options = options
    this.#platform = platform
    this.#destination = createDestination(options)
    this.#settings = createSettings(options, platform.maxQueueSize)
    this.#log = createDebugLog(options.debugLogs === true)
    const { clock, contexts, transport } = platform
    const host: TracingHost = {
      contexts,
      clock,
      record: ({ traceId, size, body }) => {
        if (!this.#accepts()) return
        this.#enqueue({
          kind: 'spans',
          ref: traceId,
          at: undefined,
          get body() {
            return body()
          },
          token: undefined,
          size,
        })
      },
      problem: (message, cause) => this.#tell(new RaindropError('tracing', message, cause)),
    }
    const tracing = connectTracing(options.tracing, host)
    this[TRACING_DOOR] = { host, tracing, ...this.#integrations() }
    this.#tracer = { contexts, tracing }
    const { endpoint, relay, writeKey = '', projectId, localDebugger, maxEventBytes } = this.#destination
    this.#mirror =
      localDebugger === undefined ? undefined : createMirror(localDebugger, quiet(platform.mirror, tracing), clock)
    const namespace = shortHash(`${relay ?? writeKey}\n${projectId ?? ''}`)
    this.#siblings = 'list' in platform.store ? platform.siblings?.(namespace) : undefined
    this.#store = createResilientStore(platform.store, clock, {
      onError: (error) => this.#tell(error),
      makeRoom: () => this.#queue.makeRoom(),
    })
    this.#queue = createQueue({
      store: this.#store,
      namespace,
      clock,
      maxRecords: () => this.#settings.maxQueueSize,
      maxBytes: platform.maxQueueBytes,
      maxEventBytes,
      newId: this.#newId,
      finish: createOutlet({
        marks: { context: contextOf(platform.metadata), wizardSession: options.wizardSession },
        beforeSend: options.beforeSend,
        onError: (error) => this.#tell(error),
        onFinished: (kind, body) => this.#mirror?.add(kind, body),
      }),
      onDrop: (reason, dropped) => this.#dropped(reason, dropped),
      onError: (error) => this.#tell(error),
      amendments: platform.amendments,
      recentChars: platform.recentChars,
      onGone: (keys, outcome) => this.#siblings?.tell({ kind: 'gone', keys, outcome }),
    })
    this.#delivery = createDelivery({
      queue: this.#queue,
      transport: quiet(transport, tracing),
      protocol:
        relay === undefined
          ? directProtocol(endpoint, directHeaders(writeKey, projectId))
          : relayProtocol(relay, () => clock.now()),
      clock,
      settings: this.#settings,
      concurrency: platform.concurrency,
      requestTimeoutMs: this.#destination.requestTimeoutMs,
      onReport: (report) => this.#report(report),
      onError: (error) => this.#tell(error),
      siblings: this.#siblings,
      isOnline: platform.lifecycle.isOnline,
      minUploadGapMs: platform.minUploadGapMs,
    })
    this.#interactions = createInteractions(clock, () => this.#settings.partialDebounceMs)
    this.#clientStore = createClientStore(() => this.#queue.stats())
    const { getState, getInitialState, subscribe } = this.#clientStore
    this.store = { getState, getInitialState, subscribe }
    this.#host = {
      tracer: this.#tracer,
      now: () => clock.now(),
      changed: (interaction) => {
        this.#started()
        this.#interactions.changed(interaction)
        this.#keepAlive()
      },
      finished: (interaction) => this.#interactions.finished(interaction),
      enqueue: (draft) => void (this.#accepts() && this.#enqueue(draft)),
      wrongCall: (error) => this.#wrongCall(error),
      mended: (error) => this.#complain(error),
      trackSignal: (signal) => this.trackSignal(signal as SignalInput),
    }
    // Once for all calls, which look up in it what they need.
    const settings = this.#settings
    this.#eventDefaults = {
      now: () => clock.now(),
      get userId() {
        return settings.userId ?? platform.visitor?.id()
      },
      get convoId() {
        return settings.convoId
      },
      onMended: this.#host.mended,
    }
    this.#keepAlive = createKeepAlive({
      clock,
      waitUntil: () => options.waitUntil ?? platform.waitUntil(),
      flush: () => this.#flush(KEEP_ALIVE_MS),
      onError: (cause) => {
        const message =
          'waitUntil threw. Queued work is sent if the host lives long enough. Call it inside of a request.'
        this.#tell(new RaindropError('invalid_options', message, cause))
      },
    })
    this.#feedbackMemory =
      platform.recovers && platform.store.kind !== 'memory' ? createFeedbackMemory(this.#store, namespace) : undefined
    this.#feedback = createFeedback({
      clock,
      newId: this.#newId,
      memory: () => (this.#isUntouched() || this.#isAimless() ? undefined : this.#feedbackMemory),
      accepts: () => {
        if (!this.#accepts()) return false
        // A held vote is something to lose.
        this.#started()
        this.#keepAlive()
        return true
      },
      track: (signal) => void this.trackSignal(signal),
      wrongCall: (error) => this.#wrongCall(error),
      shown: (key) => this.#clientStore.feedbackOf(key),
      show: (states) => this.#clientStore.setFeedback(states),
      tell: (topic) => this.#siblings?.tell({ kind: 'feedback', topic }),
    })
    this.withTask = createWithSpan(this.#tracer, 'task')
    this.withTool = createWithSpan(this.#tracer, 'tool')
    this.#planRecovery()
  }

  /**
   * Tracks a model call: who asked what and what was answered. Returns the event id at once; everything else happens later.
   * @example
   * const eventId = raindrop.trackAi({ event: 'chat_message', userId: 'user_1', model: 'gpt-4o', input: 'Hi', output: 'Hello!' })
   */
  trackAi(event: AiEventInput): string {
    return this.#track('trackAi', event, true)
  }

  /**
   * Tracks an event without AI in it. Returns the event id at once.
   * @example
   * raindrop.track({ event: 'exported_pdf', userId: 'user_1', properties: { pages: 12 } })
   */
  track(event: EventInput): string {
    return this.#track('track', event, false)
  }

  /**
   * Tells what is known of a user. In a browser it also becomes the user of all that is tracked from here on, and the anonymous id so far
   * goes along as trait `anonymous_id`. On a server it never sets a default user: many are served at once.
   * @example
   * raindrop.identify({ userId: 'user_1', traits: { plan: 'paid' } })
   */
  identify(user: UserInput): void {
    if (!this.#accepts()) return
    const { visitor } = this.#platform
    this.#guard('identify', () => {
      const draft = readIdentify(user, () => visitor?.id())
      this.#enqueue(draft)
      if (visitor) this.#settings.userId = draft.ref
    })
  }

  /**
   * Attaches feedback or any other label to an event. Returns the signal id at once.
   * @example
   * raindrop.trackSignal({ eventId, name: 'user_feedback', type: 'feedback', comment: 'Very helpful!', sentiment: 'POSITIVE' })
   */
  trackSignal(signal: SignalInput): string
  trackSignal(signal: SeedSignalInput): string
  trackSignal(signal: SignalInput | SeedSignalInput): string {
    const signalId = signalIdOf(signal, this.#newId)
    if (this.#accepts())
      this.#guard('trackSignal', () => this.#enqueue(readSignal(signal, signalId, this.#platform.clock.now())))
    return signalId
  }

  /**
   * Feedback of the current user on one event, or on one attachment of it: votes that may be taken back, comments, edits. Handles on the same
   * target share one state, with the other tabs too, and in a page it outlives a reload. Making one sends nothing.
   * @example
   * const feedback = raindrop.feedback({ eventId })
   * feedback.subscribe(({ vote, delivery }) => console.log(vote, delivery))
   * feedback.vote('up')
   */
  feedback(target: FeedbackTarget): FeedbackHandle {
    // Other tabs have something to tell before there is something to lose.
    if (this.#feedbackMemory && !this.#refusal()) this.#started()
    return this.#feedback.handle(target)
  }

  /**
   * Begins an interaction, which is sent in parts as it grows, or goes on with the live one of that `eventId`.
   * @example
   * const interaction = raindrop.begin({ event: 'chat_message', userId: 'user_1', input: 'Hi' })
   * interaction.finish('Hello!')
   */
  begin(interaction: BeginInput): Interaction {
    const id = this.#eventId(interaction)
    if (!this.#accepts()) return this.#inert(id)
    const begun = this.#guard('begin', () => {
      const input = readObject('begin', interaction)
      readEventName('begin', input)
      const userId = readUser('begin', input, this.#eventDefaults)
      const at = readTimestamp('begin', input['timestamp'], this.#platform.clock.now())
      return this.#startInteraction(id, at, { convoId: this.#settings.convoId, ...input, userId, timestamp: undefined })
    })
    return begun ?? this.#inert(id)
  }

  /**
   * The interaction of that id: the live handle of this process, or a new handle on an event that was begun elsewhere. Without an id the
   * current one of this call chain (inside `interaction`, `task`, `tool`, `run`), or else a new one.
   * @example
   * raindrop.resumeInteraction(eventId).setProperty('sources', 3)
   */
  resumeInteraction(eventId?: string): Interaction {
    const id = readName(eventId)
    if (id === undefined) {
      const current = currentOf<TrackedInteraction>(this.#platform.contexts)
      if (current) return current
      if (!this.#accepts()) return this.#inert(this.#eventId(undefined))
      const { userId, convoId } = this.#eventDefaults
      const interaction = new TrackedInteraction(this.#host, {
        id: this.#eventId(undefined),
        at: this.#platform.clock.now(),
      })
      interaction.describe({ event: 'ai_generation', userId, convoId })
      return this.#entered(this.#registered(interaction))
    }
    return this.#interactions.get(id) ?? this.#adopt(id)
  }

  /**
   * Goes on, on this side, with what `interaction.toHeaders()` described on the other. Without such headers: the current or a new one.
   * Trust the id as you trust the request: check ownership before finishing.
   * @example
   * const interaction = raindrop.resumeFromHeaders(new Headers({ 'x-raindrop-event-id': eventId }))
   */
  resumeFromHeaders(headers: IncomingHeaders): Interaction {
    const { eventId, trace } = readHeaders(headers)
    if (eventId === undefined) return this.resumeInteraction()
    const live = this.#interactions.get(eventId)
    if (live && trace) live.joinTrace(trace)
    return live ?? this.#adopt(eventId, trace)
  }

  /**
   * Wraps a function, or decorates a method: each call is one flow, in which `begin()` sets what `resumeInteraction()` finds.
   * @example
   * const answer = raindrop.interaction('answer')(async (question: string) => {
   *   raindrop.begin({ event: 'chat_message', userId: 'user_1', input: question })
   *   raindrop.resumeInteraction().finish('42')
   * })
   */
  interaction(name: string, options?: SpanOptions): FunctionWrapper {
    return this.#wrapper({ kind: 'interaction', name, options })
  }

  /** Like `interaction`, for a step of it. */
  task(name: string, options?: SpanOptions): FunctionWrapper {
    return this.#wrapper({ kind: 'task', name, options })
  }

  /** Like `interaction`, for a tool that it calls. */
  tool(name: string, options?: SpanOptions): FunctionWrapper {
    return this.#wrapper({ kind: 'tool', name, options })
  }

  /**
   * Sends everything tracked before the call, unsent interactions included, and resolves with what became of it; never rejects. Tries at
   * once, also while backing off; only a Retry-After is obeyed. Gives up at `timeoutMs` (default 10_000), or as soon as nothing can be
   * tried before that.
   * @example
   * const { pending } = await raindrop.flush({ timeoutMs: 2_000 })
   */
  async flush(options?: { timeoutMs?: number }): Promise<FlushReport> {
    return await this.#flush(readTimeout(options?.timeoutMs, DEFAULT_FLUSH_MS))
  }

  /** Resolves once everything tracked so far is in the storage that survives what it can survive; says which. Never rejects. */
  async persist(): Promise<DeliveryStats['storage']> {
    this.#interactions.stageAll()
    if (!this.#isUntouched()) await Promise.all([this.#queue.persist(), this.#feedbackMemory?.persist()])
    return this.#queue.stats().storage
  }

  /**
   * Flushes, then releases timers, listeners and storage. Ends at `timeoutMs` (default 10_000) at the latest. Idempotent. What could not be
   * sent stays on disk with `fileQueue`; in memory it is counted as dropped (`shutdown`), as is what is tracked later.
   * @example
   * await raindrop.shutdown({ timeoutMs: 5_000 })
   */
  async shutdown(options?: { timeoutMs?: number }): Promise<FlushReport> {
    this.#closed ??= this.#shutdown(readTimeout(options?.timeoutMs, DEFAULT_FLUSH_MS))
    return await this.#closed
  }

  async [ASYNC_DISPOSE](): Promise<void> {
    await this.shutdown()
  }

  /**
   * Forgets the default user and conversation, in a browser the anonymous id too, and what feedback shows, for instance at logout. Queued
   * records keep theirs and are still sent, held votes too; with `purge` they are deleted, from disk as well, and counted as `disabled`.
   */
  reset(options?: { purge?: boolean }): void {
    this.#gather()
    this.#feedback.forget()
    this.#settings.userId = undefined
    this.#settings.convoId = undefined
    this.#platform.visitor?.forget()
    if (options?.purge) void this.#queue.purge('disabled')
  }

  /**
   * Changes options at run time. A value that cannot work is reported, and nothing is changed.
   * @example
   * raindrop.configure({ uploadSize: 200, uploadIntervalMs: 2_000 })
   */
  configure(options: RuntimeOptions): void {
    try {
      // What was said while it was allowed is still sent.
      if (options?.enabled === false) this.#gather()
      applySettings(this.#settings, options)
      this.#delivery.reconsider()
      if (options?.enabled) this.#planRecovery()
    } catch (error) {
      this.#complain(error as RaindropError)
    }
  }

  /** One line for each record and decision: kind, id, event name, bytes; never content. */
  setDebugLogs(on: boolean): void {
    this.#log.on = on
  }

  /** Counters since the client was made: `tracked === delivered + pending + Σ dropped`. */
  stats(): DeliveryStats {
    return this.#queue.stats()
  }

  get [FORWARDING](): Forwarding {
    return {
      forward: (record) => this.#forward(record),
      store: async () => {
        await this.#queue.persist()
        return this.#queue.stats().storage
      },
      load: () => this.#queue.load,
      begun: (eventId) => this.#interactions.get(eventId),
      tell: (error) => this.#tell(error),
    }
  }

  #forward({ id, kind, ref, body, size }: ForwardedRecord): Promise<Settled> {
    const refusal = this.#refusal() ?? (this.#released ? 'shutdown' : undefined)
    if (refusal) {
      this.#queue.reject(refusal)
      return Promise.resolve(refusal)
    }
    return new Promise((onOver) => {
      // Somebody waits for it: as urgent as feedback.
      this.#enqueue({ kind, ref, at: undefined, body, token: undefined, size, forwardedId: id }, true, onOver)
    })
  }

  #track(call: string, event: unknown, ai: boolean): string {
    const id = this.#eventId(event)
    if (this.#accepts()) this.#guard(call, () => this.#enqueue(readEvent(call, id, event, ai, this.#eventDefaults)))
    return id
  }

  #eventId(input: unknown): string {
    return eventIdOf(input, this.#options.generateId)
  }

  #startInteraction(id: string, at: number, fields: object): TrackedInteraction {
    return this.#entered(this.#newInteraction(id, at, fields))
  }

  #newInteraction(id: string, at: number, fields: object): TrackedInteraction {
    const live = this.#interactions.get(id)
    const interaction = live && !live.finished ? live : new TrackedInteraction(this.#host, { id, at })
    interaction.begin(fields)
    return this.#registered(interaction)
  }

  #registered(interaction: TrackedInteraction): TrackedInteraction {
    this.#interactions.add(interaction)
    const span = spanOf(this.#platform.contexts.get())
    if (span) interaction.joinTrace(span)
    return interaction
  }

  /** Begun inside a frame, it is what `resumeInteraction()` finds there. */
  #entered(interaction: TrackedInteraction): TrackedInteraction {
    const frame = this.#platform.contexts.get()
    if (frame) frame.current = interaction
    return interaction
  }

  #integrations(): Pick<IntegrationDoor, 'current' | 'begin'> {
    return {
      current: () => currentOf<TrackedInteraction>(this.#platform.contexts),
      begin: (fields) => {
        const id = this.#eventId(undefined)
        if (!this.#accepts()) return new TrackedInteraction(this.#host, { id, at: undefined, inert: true })
        const { userId = 'anonymous', convoId } = this.#eventDefaults
        return this.#newInteraction(id, this.#platform.clock.now(), { userId, convoId, ...fields })
      },
    }
  }

  /** A handle on an event that was begun elsewhere: it knows neither user nor time. */
  #adopt(id: string, trace?: SpanIds): TrackedInteraction {
    if (!this.#accepts()) return new TrackedInteraction(this.#host, { id, at: undefined, inert: true })
    const interaction = new TrackedInteraction(this.#host, { id, at: undefined, trace })
    this.#interactions.add(interaction)
    return interaction
  }

  #inert(id: string): TrackedInteraction {
    return this.#entered(new TrackedInteraction(this.#host, { id, at: undefined, inert: true }))
  }

  #wrapper(call: SpanCall): FunctionWrapper {
    const { kind, name } = call
    if (!readName(name)) this.#complain(wrongCall(kind, `needs a name, e.g. raindrop.${kind}("search")(fn).`))
    const wrap = createWrapper(this.#tracer, call)
    return (fn) => {
      if (typeof fn === 'function') return wrap(fn)
      this.#complain(wrongCall(kind, `wraps a function, got ${typeof fn}; it is returned as it is.`))
      return fn
    }
  }

  /** False where the call is a no-op: counted, so that nothing disappears without a reason. */
  #accepts(): boolean {
    const reason = this.#refusal()
    if (reason) this.#queue.reject(reason)
    return reason === undefined
  }

  #refusal(): DropReason | undefined {
    if (this.#closed) return 'shutdown'
    if (!this.#settings.enabled) return 'disabled'
    if (!this.#isAimless()) return undefined
    if (!this.#toldNoKey) {
      this.#toldNoKey = true
      console.warn(
        '[raindrop] No writeKey was given: nothing is sent. Pass new Raindrop({ writeKey }), or set RAINDROP_WRITE_KEY on a server. ' +
          '(A relay given as a path works in a page only.)',
      )
    }
    return 'disabled'
  }

  #guard<T>(call: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      this.#wrongCall(
        error instanceof RaindropError
          ? error
          : wrongCall(call, `reading what was passed threw (${messageOf(error)}).`),
      )
      return undefined
    }
  }

  #wrongCall(error: RaindropError): void {
    this.#queue.reject('invalid')
    this.#complain(error)
  }

  /** A mistake in the calling code: thrown in `strict`, else told. */
  #complain(error: RaindropError): void {
    if (this.#options.strict) throw error
    this.#tell(error)
  }

  #tell(error: RaindropError): void {
    const { onError } = this.#options
    if (!onError) return console.error(`[raindrop] ${error.message}`)
    runHook(onError, error, (thrown) =>
      console.error(`[raindrop] onError threw (${messageOf(thrown)}) for: ${error.message}`),
    )
  }

  #report(report: DeliveryReport): void {
    this.#log.report(report)
    this.#clientStore.changed()
    if (report.kind === 'signal' && (report.outcome === 'delivered' || report.outcome === 'dropped')) {
      this.#feedback.settled(report.ids, report.outcome, report.reason)
    }
    const { onDelivery } = this.#options
    if (onDelivery) {
      runHook(onDelivery, report, (thrown) => console.error(`[raindrop] onDelivery threw: ${messageOf(thrown)}`))
    }
  }

  #dropped(reason: DropReason, { kind, ref }: { kind: Kind; ref: string }): void {
    // The delivery reports what the ingest refused, with the status.
    if (reason !== 'rejected') this.#report({ outcome: 'dropped', kind, ids: [ref], reason })
  }

  #enqueue(draft: Draft, urgent = draft.kind === 'signal', onOver?: (outcome: Settled) => void): void {
    if (this.#released) return this.#queue.reject('shutdown')
    this.#started()
    this.#enqueued++
    this.#queue.add(draft, onOver)
    this.#log.queued(draft)
    this.#delivery.added(urgent)
    this.#clientStore.changed()
    this.#keepAlive()
    if (this.#isHidden) this.#planFarewell()
  }

  /** Nothing is listened to before there is something to lose. */
  #started(): void {
    if (this.#unwatch) return
    const ignore = this.#siblings?.listen((news) => this.#heard(news))
    const unwatch = this.#platform.lifecycle.watch({
      drain: (timeoutMs) => this.#drain(timeoutMs),
      lastWords: () => this.#lastWords(),
      hidden: () => this.#hidden(),
      shown: () => {
        this.#isHidden = false
        void (this.#store.probe?.() ?? Promise.resolve()).then(() => this.#delivery.resumed())
      },
      networkChanged: () => {
        this.#clientStore.setOnline(this.#platform.lifecycle.isOnline?.() !== false)
        this.#delivery.resumed()
      },
    })
    this.#unwatch = () => {
      ignore?.()
      unwatch()
    }
  }

  #lastWords(): void {
    this.#gather()
    this.#queue.persistSync()
    this.#feedbackMemory?.persistSync()
  }

  /** What waits for another call is a record from here on. */
  #gather(): void {
    this.#feedback.release()
    this.#interactions.stageAll()
  }

  #hidden(): void {
    this.#isHidden = true
    this.#lastWords()
    this.#delivery.hidden()
    this.#clientStore.changed()
  }

  /** What is tracked while the page is hidden, perhaps in its very last turn, leaves at the end of that turn. */
  #planFarewell(): void {
    if (this.#farewellPlanned) return
    this.#farewellPlanned = true
    queueMicrotask(() => {
      this.#farewellPlanned = false
      if (this.#isHidden && !this.#released) this.#hidden()
    })
  }

  #heard(news: News): void {
    if (news.kind === 'feedback') return this.#feedback.heard(news.topic)
    if (news.kind === 'down') return this.#delivery.heardDown(news.failures, news.waitMs)
    this.#queue.gone(news.keys, news.outcome)
    if (news.outcome === 'delivered') this.#delivery.heardUp()
    this.#clientStore.changed()
  }

  /** Pages that were closed in an outage come back together: at random, and not while this one loads. */
  #planRecovery(): void {
    const { clock, recovers } = this.#platform
    this.#cancelRecovery()
    if (!recovers || !this.#settings.enabled || this.#isAimless()) return
    this.#cancelRecovery = clock.after(500 + 2_000 * clock.random(), () => {
      if (!this.#settings.enabled || this.#closed) return
      void this.#feedback.load()
      void this.#queue.persist().then(() => {
        if (this.#queue.stats().pending === 0 || this.#released) return
        this.#started()
        this.#delivery.resumed()
        this.#clientStore.changed()
      })
    })
  }

  /** Switched off from the start: not even an empty database may be made. */
  #isUntouched(): boolean {
    return !this.#settings.enabled && this.#enqueued === 0
  }

  #isAimless(): boolean {
    return this.#destination.writeKey === undefined && this.#destination.relay === undefined
  }

  async #flush(timeoutMs: number, patient?: boolean): Promise<FlushReport> {
    if (this.#isUntouched()) return { delivered: 0, pending: 0, dropped: 0 }
    this.#gather()
    const report = await this.#delivery.flush(Math.max(0, timeoutMs), patient)
    this.#clientStore.changed()
    return report
  }

  /** The process is about to end by itself: what requests took already is part of the time. */
  async #drain(timeoutMs: number): Promise<void> {
    this.#gather()
    // A process that ran out of work asks again after each try: only what is new is worth another one.
    if (this.#enqueued === this.#drainedAt) return
    this.#drainedAt = this.#enqueued
    const { pending } = await this.#flush(Math.max(timeoutMs - this.#delivery.busyMs(), 1_000))
    if (pending > 0) this.#platform.transport.abort()
  }

  async #shutdown(timeoutMs: number): Promise<FlushReport> {
    const report = await this.#flush(timeoutMs, true)
    this.#released = true
    this.#cancelRecovery()
    this.#unwatch?.()
    const before = this.#queue.stats().dropped.shutdown
    // A storage that hangs must not keep the process from ending.
    await new Promise<void>((resolve) => {
      const cancel = this.#platform.clock.after(RELEASE_MS, resolve, true)
      void this.#release().finally(() => {
        cancel()
        resolve()
      })
    })
    const lost = Math.min(report.pending, this.#queue.stats().dropped.shutdown - before)
    return { ...report, pending: report.pending - lost, dropped: report.dropped + lost }
  }

  async #release(): Promise<void> {
    await this.#delivery.stop()
    if (this.#isUntouched()) return
    await this.#feedbackMemory?.persist()
    if (this.#platform.store.kind === 'memory') await this.#queue.purge('shutdown')
    else await this.#queue.close()
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

import { readName, wrongCall } from './checks.js'
import { createEnding, DEFAULT_FLUSH_MS, type Ending } from './ending.js'
import { RaindropError } from './errors.js'
import { eventIdOf, readEvent, readIdentify, type EventDefaults } from './event.js'
import { createFeedback, type Feedback } from './feedback.js'
import type { FeedbackMemory } from './feedback-memory.js'
import { FORWARDING, type Forwarding } from './forwarding.js'
import { createHandles, type Handles } from './handles.js'
import type { IncomingHeaders } from './headers.js'
import { createIdSource } from './ids.js'
import { createIntake, type Intake } from './intake.js'
import type { IntegrationDoor } from './integration.js'
import type { InteractionHost } from './interaction.js'
import { createInteractions, type Interactions } from './interactions.js'
import { createLife, type Life } from './life.js'
import { applySettings, createDestination, createSettings, readTimeout, type Settings } from './options.js'
import { createPipeline, type Pipeline } from './pipeline.js'
import type { Platform } from './platform.js'
import type { SpanCall, TracingHost, Visitor } from './ports.js'
import { createReporter, type Reporter } from './reporter.js'
import { readSignal, signalIdOf } from './signal.js'
import { createClientStore } from './store.js'
import { connectTracing, createWithSpan, createWrapper, TRACING_DOOR, type Tracer } from './tracing.js'
import type {
  AiEventInput,
  BeginInput,
  DeliveryStats,
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

/** What `configure` can change at run time. */
export type RuntimeOptions = Partial<
  Pick<
    RaindropOptions,
    'maxQueueSize' | 'uploadSize' | 'uploadIntervalMs' | 'partialDebounceMs' | 'enabled' | 'userId' | 'convoId'
  >
>

/** `Symbol.asyncDispose`, also where the runtime is older than it: TypeScript's `await using` looks for the same. */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose)

/** The client, over whatever platform a composition root gives it: here the parts meet, and the calls of an app find them. */
export class RaindropCore {
  /** Read-only zustand store of what an app may render: stats, online, feedback. */
  readonly store: ReadonlyRaindropStore
  readonly withTask: WithSpan
  readonly withTool: WithSpan
  /** @internal For the integrations of this package. */
  readonly [TRACING_DOOR]: IntegrationDoor
  /** @internal For the relay of this package. Absent where none can run. */
  readonly [FORWARDING]: Forwarding | undefined
  readonly #newId = createIdSource()
  readonly #generateId: RaindropOptions['generateId']
  readonly #settings: Settings
  readonly #visitor: Visitor | undefined
  readonly #reporter: Reporter
  readonly #pipeline: Pipeline
  readonly #intake: Intake
  readonly #interactions: Interactions
  readonly #handles: Handles
  readonly #feedback: Feedback
  readonly #feedbackMemory: FeedbackMemory | undefined
  readonly #life: Life
  readonly #ending: Ending
  readonly #tracer: Tracer
  readonly #eventDefaults: EventDefaults

  constructor(options: RaindropOptions, platform: Platform) {
    const { clock, contexts, visitor } = platform
    const newId = this.#newId
    const destination = createDestination(options)
    const settings = createSettings(options, platform.maxQueueSize)
    const reporter = createReporter(options, ({ kind, outcome, ids, reason }) => {
      clientStore.changed()
      const isOver = outcome === 'delivered' || outcome === 'dropped'
      if (kind === 'signal' && isOver) feedback.settled(ids, outcome, reason)
    })
    const tracingHost: TracingHost = {
      contexts,
      clock,
      record({ traceId, size, body }) {
        if (!intake.accepts()) return
        intake.enqueue({
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
      problem: (message, cause) => reporter.tell(new RaindropError('tracing', message, cause)),
    }
    const tracing = connectTracing(options.tracing, tracingHost)
    const tracer: Tracer = { contexts, tracing }
    const basis = { options, platform, settings, destination, tracing, newId, reporter }
    const pipeline = createPipeline(basis)
    const { queue, siblings, namespace, store } = pipeline
    const clientStore = createClientStore(queue.stats)
    const intake = createIntake({
      ...basis,
      pipeline,
      onEnqueue: () => life.begin(),
      onEnqueued() {
        clientStore.changed()
        keepAlive?.()
        life.added()
      },
    })

    const interactions = createInteractions(clock, () => settings.partialDebounceMs)
    const host: InteractionHost = {
      tracer,
      now: clock.now,
      changed(interaction) {
        life.begin()
        interactions.changed(interaction)
        keepAlive?.()
      },
      finished: interactions.finished,
      enqueue: (draft) => void (intake.accepts() && intake.enqueue(draft)),
      wrongCall: intake.wrongCall,
      mended: reporter.complain,
      trackSignal: (signal) => this.trackSignal(signal as SignalInput),
    }
    // Once for all calls, which look up in it what they need.
    const defaults: EventDefaults = {
      now: clock.now,
      get userId() {
        return settings.userId ?? visitor?.id()
      },
      get convoId() {
        return settings.convoId
      },
      onMended: reporter.complain,
    }
    const eventId = (input: unknown): string => eventIdOf(input, options.generateId)
    const handles = createHandles({ host, interactions, intake, defaults, eventId })

    const feedbackMemory =
      platform.recovers && platform.store.kind !== 'memory'
        ? platform.feedbackMemory?.(store, namespace, !options.beforeSend)
        : undefined
    const feedback = createFeedback({
      clock,
      newId,
      memory: () => (intake.isUntouched || intake.isAimless ? undefined : feedbackMemory),
      accepts() {
        if (!intake.accepts()) return false
        // A held vote is something to lose.
        life.begin()
        keepAlive?.()
        return true
      },
      track: (signal) => void this.trackSignal(signal),
      wrongCall: intake.wrongCall,
      shown: clientStore.feedbackOf,
      show: clientStore.setFeedback,
      tell: (topic) => siblings?.tell({ kind: 'feedback', topic }),
    })

    const parts = { ...basis, pipeline, intake, interactions, clientStore, feedback, feedbackMemory }
    const gather = (): void => this.#gather()
    const life = createLife({ ...parts, gather, drain: (timeoutMs) => ending.drain(timeoutMs) })
    const ending = createEnding({ ...parts, gather, life })
    const keepAlive = platform.keepAlive?.({
      clock,
      waitUntil: options.waitUntil,
      flush: ending.flush,
      onError: reporter.tell,
    })

    const { getState, getInitialState, subscribe } = clientStore
    this.store = { getState, getInitialState, subscribe }
    this.withTask = createWithSpan(tracer, 'task')
    this.withTool = createWithSpan(tracer, 'tool')
    this[TRACING_DOOR] = { host: tracingHost, tracing, current: handles.current, begin: handles.beginApart }
    this[FORWARDING] = platform.forwarding?.(parts)
    this.#generateId = options.generateId
    this.#settings = settings
    this.#visitor = visitor
    this.#reporter = reporter
    this.#pipeline = pipeline
    this.#intake = intake
    this.#interactions = interactions
    this.#handles = handles
    this.#feedback = feedback
    this.#feedbackMemory = feedbackMemory
    this.#life = life
    this.#ending = ending
    this.#tracer = tracer
    this.#eventDefaults = defaults
    life.recover()
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
    if (!this.#intake.accepts()) return
    const visitor = this.#visitor
    this.#intake.guard('identify', () => {
      const draft = readIdentify(user, () => visitor?.id())
      this.#intake.enqueue(draft)
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
    if (this.#intake.accepts()) {
      this.#intake.guard('trackSignal', () =>
        this.#intake.enqueue(readSignal(signal, signalId, this.#eventDefaults.now())),
      )
    }
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
    if (this.#feedbackMemory && !this.#intake.refusal()) this.#life.begin()
    return this.#feedback.handle(target)
  }

  /**
   * Begins an interaction, which is sent in parts as it grows, or goes on with the live one of that `eventId`.
   * @example
   * const interaction = raindrop.begin({ event: 'chat_message', userId: 'user_1', input: 'Hi' })
   * interaction.finish('Hello!')
   */
  begin(interaction: BeginInput): Interaction {
    return this.#handles.begin(interaction)
  }

  /**
   * The interaction of that id: the live handle of this process, or a new handle on an event that was begun elsewhere. Without an id the
   * current one of this call chain (inside `interaction`, `task`, `tool`, `run`), or else a new one.
   * @example
   * raindrop.resumeInteraction(eventId).setProperty('sources', 3)
   */
  resumeInteraction(eventId?: string): Interaction {
    return this.#handles.resume(readName(eventId))
  }

  /**
   * Goes on, on this side, with what `interaction.toHeaders()` described on the other. Without such headers: the current or a new one.
   * Trust the id as you trust the request: check ownership before finishing.
   * @example
   * const interaction = raindrop.resumeFromHeaders(new Headers({ 'x-raindrop-event-id': eventId }))
   */
  resumeFromHeaders(headers: IncomingHeaders): Interaction {
    return this.#handles.resumeFromHeaders(headers)
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
    return await this.#ending.flush(readTimeout(options?.timeoutMs, DEFAULT_FLUSH_MS))
  }

  /** Resolves once everything tracked so far is in the storage that survives what it can survive; says which. Never rejects. */
  async persist(): Promise<DeliveryStats['storage']> {
    this.#interactions.stageAll()
    return await this.#ending.persist()
  }

  /**
   * Flushes, then releases timers, listeners and storage. Ends at `timeoutMs` (default 10_000) at the latest. Idempotent. What could not be
   * sent stays on disk with `fileQueue`; in memory it is counted as dropped (`shutdown`), as is what is tracked later.
   * @example
   * await raindrop.shutdown({ timeoutMs: 5_000 })
   */
  async shutdown(options?: { timeoutMs?: number }): Promise<FlushReport> {
    return await this.#ending.shutdown(readTimeout(options?.timeoutMs, DEFAULT_FLUSH_MS))
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
    // Also where nothing may be kept yet: an earlier visit may have left something.
    if (options?.purge) this.#feedbackMemory?.clear()
    this.#settings.userId = undefined
    this.#settings.convoId = undefined
    this.#visitor?.forget()
    if (options?.purge) void this.#pipeline.queue.purge('disabled')
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
      this.#pipeline.delivery.reconsider()
      if (options?.enabled) this.#life.recover()
    } catch (error) {
      this.#reporter.complain(error as RaindropError)
    }
  }

  /** One line for each record and decision: kind, id, event name, bytes; never content. */
  setDebugLogs(on: boolean): void {
    this.#reporter.log.on = on
  }

  /** Counters since the client was made: `tracked === delivered + pending + Σ dropped`. */
  stats(): DeliveryStats {
    return this.#pipeline.queue.stats()
  }

  #track(call: string, event: unknown, ai: boolean): string {
    const id = eventIdOf(event, this.#generateId)
    const intake = this.#intake
    if (intake.accepts()) intake.guard(call, () => intake.enqueue(readEvent(call, id, event, ai, this.#eventDefaults)))
    return id
  }

  /** What waits for another call is a record from here on. */
  #gather(): void {
    this.#feedback.release()
    this.#interactions.stageAll()
  }

  #wrapper(call: SpanCall): FunctionWrapper {
    const { kind, name } = call
    const { complain } = this.#reporter
    if (!readName(name)) complain(wrongCall(kind, `needs a name, e.g. raindrop.${kind}("search")(fn).`))
    const wrap = createWrapper(this.#tracer, call)
    return (fn) => {
      if (typeof fn === 'function') return wrap(fn)
      complain(wrongCall(kind, `wraps a function, got ${typeof fn}; it is returned as it is.`))
      return fn
    }
  }
}

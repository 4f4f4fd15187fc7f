import { readAttachments, readField, readName, readProperties, readText, readTimestamp, wrongCall } from './checks.js'
import type { RaindropError } from './errors.js'
import { randomHex } from './ids.js'
import type { SpanIds, SpanOwner } from './ports.js'
import type { Draft } from './staging.js'
import { capText, MAX_TEXT_CHARS } from './size.js'
import { watchStream } from './track-stream.js'
import { createWithSpan, runInFrame, spanOf, startSpan, type Tracer } from './tracing.js'
import type {
  Attachment,
  FinishInput,
  Interaction,
  ManualSpan,
  Properties,
  SeedSignalInput,
  SignalInput,
  SpanOptions,
  ToolCall,
  WithSpan,
} from './types.js'
import { messageOf, toJson, toWellFormed, type Tally } from './values.js'
import { partialBody, type EventFields } from './wire.js'

/** What an interaction needs of its client. */
export interface InteractionHost {
  readonly tracer: Tracer
  now(): number
  /** There is something new to send. */
  changed(interaction: TrackedInteraction): void
  /** Nothing more will come. */
  finished(interaction: TrackedInteraction): void
  enqueue(draft: Draft): void
  wrongCall(error: RaindropError): void
  /** Something was mended: told, but nothing was lost. */
  mended(error: RaindropError): void
  trackSignal(signal: SignalInput | SeedSignalInput): string
}

export interface InteractionStart {
  readonly id: string
  /** Sent with every partial. Absent where the interaction was begun elsewhere. */
  readonly at: number | undefined
  readonly trace?: SpanIds | undefined
  /** Every call is ignored: the call that made the handle was wrong, or the client sends nothing. */
  readonly inert?: boolean
}

/** What an integration saw of a call that ran in an interaction of the app. */
export interface Offer {
  readonly input?: unknown
  readonly output?: unknown
  readonly model?: string | undefined
}

/** Characters that an interaction holds besides its texts, about. */
const BASE_SIZE = 300

export class TrackedInteraction implements Interaction, SpanOwner {
  readonly id: string
  readonly withTask: WithSpan
  readonly withTool: WithSpan
  readonly #host: InteractionHost
  readonly #inert: boolean
  readonly #identity: { event?: string | undefined; userId?: string | undefined; convoId?: string | undefined } = {}
  #at: number | undefined
  #trace: SpanIds | undefined
  #finished = false
  #dirty = false
  /** What was set since the last time it was sent. */
  #change: EventFields = {}
  #output = ''
  #size = BASE_SIZE
  /** What the app said itself. */
  #hasInput = false
  #hasModel = false
  #offered: Offer = {}

  constructor(host: InteractionHost, { id, at, trace, inert = false }: InteractionStart) {
    this.#host = host
    this.id = id
    this.#at = at
    this.#trace = trace
    this.#inert = inert
    this.withTask = createWithSpan(host.tracer, 'task', this)
    this.withTool = createWithSpan(host.tracer, 'tool', this)
  }

  get trace(): SpanIds | undefined {
    return this.#trace
  }

  get event(): string | undefined {
    return this.#identity.event
  }

  get convoId(): string | undefined {
    return this.#identity.convoId
  }

  joinTrace(ids: SpanIds): void {
    this.#trace ??= ids
  }

  get finished(): boolean {
    return this.#finished
  }

  /** Whose it is, where this side knows. */
  get userId(): string | undefined {
    return this.#identity.userId
  }

  setInput(text: string): this {
    return this.#update('setInput', { input: text })
  }

  setModel(model: string): this {
    return this.#update('setModel', { model })
  }

  setProperty(key: string, value: unknown): this {
    return this.#update('setProperty', { properties: { [key]: value } })
  }

  setProperties(properties: Properties): this {
    return this.#update('setProperties', { properties })
  }

  addAttachments(attachments: readonly Attachment[]): this {
    return this.#update('addAttachments', { attachments })
  }

  appendOutput(delta: string): this {
    if (!this.#open('appendOutput')) return this
    // More than can be sent is not worth its memory.
    if (this.#output.length <= MAX_TEXT_CHARS)
      this.#output += typeof delta === 'string' ? delta : (readText(delta, { chars: 0 }) ?? '')
    this.#change.output = this.#output
    this.#touch()
    return this
  }

  trackStream<S extends object>(stream: S, text?: (chunk: never) => string | undefined): S {
    if (!this.#open('trackStream')) return stream
    if (typeof stream !== 'object' || stream === null || !('getReader' in stream || Symbol.asyncIterator in stream)) {
      this.#mended('trackStream', 'needs a ReadableStream or an async iterable; what was given is returned as it is.')
      return stream
    }
    const decoder = new TextDecoder()
    const read = (chunk: unknown): string | undefined => {
      if (text) return text(chunk as never)
      if (typeof chunk === 'string') return chunk
      return chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : undefined
    }
    if ('locked' in stream && stream.locked) {
      this.#mended(
        'trackStream',
        'the stream is locked by another reader; it is returned as it is. Pass it before anything reads it.',
      )
      return stream
    }
    return watchStream<S, unknown>(stream, {
      chunk: (chunk) => this.#chunk(chunk, read),
      end: ({ aborted, error }) => {
        const rest = decoder.decode()
        if (this.#finished) return
        if (rest) this.appendOutput(rest)
        if (error !== undefined) this.setProperties(errorProperties(error))
        if (aborted) this.setProperty('aborted', true)
        this.finish()
      },
    })
  }

  /** The stream belongs to the app: what its chunks or their `text` throw is told of and does not reach it. */
  #chunk(chunk: unknown, read: (chunk: unknown) => string | undefined): void {
    if (this.#finished) return
    try {
      const delta = read(chunk)
      if (delta) this.appendOutput(delta)
    } catch (error) {
      this.#mended('trackStream', `text() threw (${messageOf(error)}); the chunk was passed on, but not tracked.`)
    }
  }

  finish(final?: string | FinishInput): void {
    const isOpen = this.#open('finish')
    this.#finished = true
    if (!isOpen) return
    this.#apply('finish', typeof final === 'object' && final !== null ? final : { output: final })
    this.#apply('finish', this.#missing())
    this.#dirty = true
    this.stage()
    // The handle may be kept for long, so that resumeInteraction() finds it; what it held need not be.
    this.#output = ''
    this.#offered = {}
    this.#host.finished(this)
  }

  trackSignal(signal: SignalInput<{}> | SeedSignalInput<{}>): string {
    return this.#host.trackSignal({ ...signal, eventId: this.id })
  }

  run<T>(fn: () => T): T {
    if (typeof fn !== 'function') {
      this.#mended('run', `needs a function, got ${typeof fn}.`)
      return undefined as T
    }
    return runInFrame(this.#host.tracer.contexts, this, fn)
  }

  startSpan(options: SpanOptions & { kind: 'task' | 'tool'; name: string }): ManualSpan {
    const kind = options?.kind === 'task' ? 'task' : 'tool'
    return startSpan(this.#host.tracer, { kind, name: options?.name, options, own: this })
  }

  trackTool(call: ToolCall): void {
    if (call) this.#host.tracer.tracing?.record(call, this)
  }

  toHeaders(): Record<string, string> {
    const active = spanOf(this.#host.tracer.contexts.get())
    const { traceId, spanId } = (this.#trace ??= active ?? { traceId: randomHex(16) })
    const parent = active?.traceId === traceId ? active.spanId : spanId
    // Event ids may hold anything; a header may not.
    return {
      traceparent: `00-${traceId}-${parent ?? randomHex(8)}-01`,
      'x-raindrop-event-id': encodeURIComponent(this.id),
    }
  }

  /**
   * Kept for `finish()`, where it fills what the app left open: the first input and the last output of what ran in it. Not before, since
   * the app may still stream the same text into `appendOutput`.
   */
  offer({ input, output, model }: Offer): void {
    const tally: Tally = { chars: 0 }
    this.#offered = {
      input: this.#offered.input ?? readText(input, tally),
      output: readText(output, tally) ?? this.#offered.output,
      model: model ?? this.#offered.model,
    }
  }

  /** Merges what `begin` was given; what is wrong in it is told of and left out. */
  begin(input: object): void {
    this.describe(input)
    this.#touch()
  }

  /** As `begin`, but worth no request before something else is said. */
  describe(input: object): void {
    this.#apply('begin', input)
  }

  /** Hands what is new to the queue, as a partial. Nothing where nothing is. */
  stage(): void {
    if (!this.#dirty) return
    this.#dirty = false
    const change = this.#change
    this.#change = {}
    // Once for all the tokens that came.
    if (change.output !== undefined) change.output = capText(toWellFormed(change.output))
    const traceId = this.#host.tracer.tracing && this.#trace?.traceId
    const body = partialBody(this.id, { ...this.#identity, ...change, traceId }, !this.#finished)
    this.#host.enqueue({
      kind: 'partial',
      ref: this.id,
      at: this.#at,
      body,
      token: undefined,
      size: this.#size + (change.output?.length ?? 0),
    })
    this.#size = BASE_SIZE
  }

  /** An interaction that was begun elsewhere has its input from there. */
  #missing(): Offer {
    const { input, output, model } = this.#offered
    return {
      input: this.#hasInput || this.#at === undefined ? undefined : input,
      output: this.#output ? undefined : output,
      model: this.#hasModel ? undefined : model,
    }
  }

  #open(call: string): boolean {
    if (this.#inert) return false
    if (!this.#finished) return true
    this.#host.wrongCall(
      wrongCall(
        `interaction.${call}`,
        `interaction ${this.id} is finished; the call is ignored. Call it before finish(), or put it into finish({ … }).`,
      ),
    )
    return false
  }

  #mended(call: string, message: string): void {
    this.#host.mended(wrongCall(`interaction.${call}`, message))
  }

  #touch(): void {
    this.#dirty = true
    this.#host.changed(this)
  }

  #update(call: string, input: object): this {
    if (!this.#open(call)) return this
    const [value] = Object.values(input) as unknown[]
    if (value === undefined || value === null) {
      this.#mended(call, `got ${String(value)}, which changes nothing.`)
      return this
    }
    this.#apply(call, input)
    this.#touch()
    return this
  }

  #apply(call: string, input: object): void {
    const tally: Tally = { chars: 0 }
    const name = `interaction.${call}`
    try {
      this.#merge(name, input as Record<string, unknown>, tally)
    } catch (error) {
      this.#host.mended(
        isRaindropError(error) ? error : wrongCall(name, `reading what was passed threw (${messageOf(error)}).`),
      )
    }
    this.#size += tally.chars
  }

  #merge(call: string, input: Record<string, unknown>, tally: Tally): void {
    const change = this.#change
    this.#identity.event = readName(input['event']) ?? this.#identity.event
    this.#identity.userId = readName(input['userId']) ?? this.#identity.userId
    this.#identity.convoId = readName(input['convoId']) ?? this.#identity.convoId
    change.model = readText(input['model'], tally) ?? change.model
    change.input = readText(input['input'], tally) ?? change.input
    this.#hasModel ||= change.model !== undefined
    this.#hasInput ||= change.input !== undefined
    const output = readText(input['output'], tally)
    if (output !== undefined) {
      this.#output = output
      change.output = output
    }
    const properties = readProperties(readField(input, 'properties'), tally)
    if (properties) change.properties = { ...change.properties, ...properties }
    const attachments = readAttachments(call, readField(input, 'attachments'), tally, this.#host.mended)
    if (attachments) change.attachments = [...(change.attachments ?? []), ...attachments]
    // Last, since it alone may be refused.
    if (input['timestamp'] !== undefined) this.#at = readTimestamp(call, input['timestamp'], this.#host.now())
  }
}

function isRaindropError(error: unknown): error is RaindropError {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'invalid_event'
}

/** An error as the API names it. */
function errorProperties(error: unknown): Properties {
  const named = toJson(error)
  const name = typeof named === 'object' && named !== null && 'name' in named ? String(named['name']) : typeof error
  return { 'error.type': name, 'error.message': messageOf(error) }
}

import { readName, readProperties } from './checks.js'
import { hrTime, type FinishedSpan, type HrTime } from './otlp.js'
import type { Frame, SpanCall, SpanIds, SpanOwner } from './ports.js'
import { describeError, exceptionAttributes, spanAttributes, type SpanContent } from './span-attributes.js'
import { currentOf, DISPOSE } from './tracing.js'
import type { Json, ManualSpan, Properties } from './types.js'
import { toJson, type Tally } from './values.js'
import { VERSION } from './version.js'

export type WholeIds = Required<SpanIds> & { readonly spanId: string }

/** Where a span stands and when it began. */
export interface SpanStart {
  readonly name: string
  readonly kind: SpanCall['kind']
  readonly ids: WholeIds
  readonly parent: WholeIds | undefined
  /** The trace was there before: the interaction's, or that of a span around. */
  readonly joined: boolean
  readonly startTime: HrTime
}

/** The same span in a tracer outside. */
export interface OutsideSpan {
  readonly ids: WholeIds
  /** Runs a part of the span, so that the tracer's other spans can hang under it. */
  run<T>(fn: () => T): T
  /** True where the tracer hands the span to the queue itself. */
  end(span: FinishedSpan): boolean
}

/** Characters that a span holds besides its content, about. */
const BASE_SIZE = 1_600

/** What a span needs of what made it. */
export interface SpanSetup {
  readonly call: SpanCall
  readonly ids: WholeIds
  readonly parent: WholeIds | undefined
  /** Milliseconds since 1970, and on the clock that never jumps. */
  readonly startedAt: number
  readonly startedElapsed: number
  readonly elapsed: () => number
  readonly cap: (text: string) => string
  readonly finished: (span: RecordedSpan, size: number) => void
}

/** A span that is recorded. Content is a snapshot; it becomes text when the span is written, off the caller's turn. */
export class RecordedSpan implements ManualSpan {
  /** Where the span's function runs: its interaction may be begun in there. */
  frame: Frame<SpanOwner> | undefined
  readonly #setup: SpanSetup
  readonly #tally: Tally = { chars: BASE_SIZE }
  #input: Json | undefined
  #output: Json | undefined
  #properties: Record<string, Json> | undefined
  #content: SpanContent | undefined

  constructor(setup: SpanSetup) {
    this.#setup = setup
    const { options, args } = setup.call
    if (options?.properties) this.setProperties(options.properties)
    // As the decorators of Traceloop write it, which the receivers know.
    if (args) this.recordInput({ args, kwargs: {} })
  }

  get eventId(): string | undefined {
    return this.#content ? this.#content.owner.id : this.#owner()?.id
  }

  get ids(): WholeIds {
    return this.#setup.ids
  }

  get traceId(): string {
    return this.ids.traceId
  }

  recordInput(data: unknown): this {
    if (this.#records()) this.#input = toJson(data, this.#tally)
    return this
  }

  recordOutput(data: unknown): this {
    if (this.#records()) this.#output = toJson(data, this.#tally)
    return this
  }

  setProperties(properties: Properties): this {
    if (!this.#content) this.#properties = { ...this.#properties, ...readProperties(properties, this.#tally) }
    return this
  }

  end(options?: { error?: unknown; durationMs?: number }): void {
    if (this.#content) return
    const { call, startedElapsed, elapsed, finished } = this.#setup
    const owner = this.#owner()
    this.#content = {
      call,
      name: nameOf(call),
      owner: { id: owner?.id, userId: owner?.userId, event: owner?.event, convoId: owner?.convoId },
      input: this.#input,
      output: this.#output,
      properties: this.#properties,
      durationMs: options?.durationMs ?? elapsed() - startedElapsed,
      error: options?.error == null ? undefined : describeError(options.error),
    }
    finished(this, this.#tally.chars + (this.#content.error?.stack?.length ?? 0))
  }

  /** The function of the span returned: what it gave is the output, unless one was recorded. */
  endWith(result: unknown): void {
    if (this.#output === undefined) this.recordOutput(result)
    this.end()
  }

  [DISPOSE](): void {
    this.end()
  }

  /** As it is written. After `end` only. */
  read(): FinishedSpan {
    const { ids, parent, startedAt, cap } = this.#setup
    const content = this.#content!
    const { durationMs, error, name } = content
    const endTime = hrTime(startedAt + Math.max(0, durationMs))
    return {
      name,
      kind: 0,
      spanContext: () => ids,
      parentSpanContext: parent,
      startTime: hrTime(startedAt),
      endTime,
      attributes: spanAttributes(content, cap),
      events: error ? [{ name: 'exception', time: endTime, attributes: exceptionAttributes(error, cap) }] : [],
      links: [],
      status: error ? { code: 2, message: cap(error.message) } : { code: 1 },
      instrumentationScope: { name: 'raindrop-js', version: VERSION },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }
  }

  #records(): boolean {
    return this.#content === undefined && this.#setup.call.options?.recordContent !== false
  }

  #owner(): SpanOwner | undefined {
    return this.#setup.call.own ?? currentOf({ get: () => this.frame })
  }
}

/** A name is required; where it was forgotten the kind stands in. */
export function nameOf({ name, kind }: SpanCall): string {
  return readName(name) ?? kind
}

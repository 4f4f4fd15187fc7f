import type { Raindrop } from 'raindrop-js'
import { type Call, type CallEnd, createCalls, createSpanTracing, quietly, readUsage } from 'raindrop-js/internal'
import { answerIn, inputOf, outputOf, textOfSteps } from './event-text'
import type {
  AbortEvent,
  EndEvent,
  ErrorEvent,
  ObjectStepEvent,
  StartEvent,
  Step,
  StepEvent,
  ToolEvent,
  ToolRun,
} from './events'

/** A call under way, by the SDK's `callId`. */
interface Live {
  readonly call: Call
  readonly model: string | undefined
  readonly provider: string | undefined
  msToFirstOutput: number | undefined
  /** Those that ended: an error tells of none. */
  readonly steps: Step[]
  /** Steps and tool calls: an integration that is registered twice hears of each twice. */
  readonly seen: Set<string>
}

/** Where a client keeps its live calls, whatever number of integrations it has. Registered: they may come from two copies of the package. */
const LIVE_CALLS: unique symbol = Symbol.for('raindrop-js.ai-sdk.live-calls')

/** A stream that nobody reads to its end tells of no end. */
const MAX_LIVE = 10_000

/**
 * A telemetry integration for the AI SDK (`ai` 7). It registers nothing itself. Each top-level call is an interaction, or joins the current
 * one; what its tools call in turn are its steps. Event name: the call's `telemetry.functionId`. User and conversation: the current
 * interaction's, else `runtimeContext.raindrop` (with `telemetry.includeRuntimeContext: { raindrop: true }`), else `defaults`, else the client's.
 * @example
 * registerTelemetry(raindropTelemetry(raindrop))
 * await generateText({ model, prompt: 'Hi' })
 */
export function raindropTelemetry(
  raindrop: Raindrop,
  defaults: { event?: string; userId?: string; convoId?: string } = {},
): object {
  const calls = createCalls(raindrop, ({ tracing, host }) => tracing ?? createSpanTracing(host))
  const client: Raindrop & { [LIVE_CALLS]?: Map<string, Live> } = raindrop
  const live = quietly(() => (client[LIVE_CALLS] ??= new Map())) ?? new Map<string, Live>()

  function start(event: StartEvent): void {
    const { callId, operationId, functionId, modelId: model, provider, runtimeContext } = event
    if (live.has(callId)) return
    const call = calls.start({
      name: functionId ?? operationId,
      event: functionId ?? defaults.event,
      userId: runtimeContext?.raindrop?.userId ?? defaults.userId,
      convoId: runtimeContext?.raindrop?.convoId ?? defaults.convoId,
      input: inputOf(event),
      model,
    })
    live.set(callId, { call, model, provider, msToFirstOutput: undefined, steps: [], seen: new Set() })
    for (const oldest of live.keys()) {
      if (live.size <= MAX_LIVE) break
      live.delete(oldest)
    }
  }

  /** The call, where this is told of it for the first time. */
  function first(callId: string, kind: 'step' | 'tool', id: number | string | undefined): Live | undefined {
    const found = live.get(callId)
    if (!found || id === undefined) return found
    const key = `${kind} ${id}`
    if (found.seen.has(key)) return undefined
    found.seen.add(key)
    return found
  }

  function end(callId: string, how: CallEnd, { usage, finishReason, steps }: Partial<EndEvent> = {}): void {
    const ending = live.get(callId)
    if (!ending) return
    live.delete(callId)
    const { call, model, provider, msToFirstOutput = steps?.[0]?.performance?.timeToFirstOutputMs } = ending
    call.use(readUsage(usage))
    const properties = {
      'ai.model.provider': provider,
      'ai.response.finishReason': finishReason,
      'ai.response.msToFirstChunk': msToFirstOutput,
    }
    call.end({ model, ...how, properties })
  }

  return {
    onStart: quiet(start),
    onToolExecutionEnd: quiet(({ callId, toolCall, toolOutput, toolExecutionMs: ms }: ToolEvent) => {
      const { toolCallId, toolName: name, input } = toolCall
      const { type, output, error } = toolOutput
      const outcome = type === 'tool-error' ? { error } : { output }
      const startTime = new Date(Date.now() - ms)
      first(callId, 'tool', toolCallId)?.call.tool({ name, input, durationMs: ms, startTime, ...outcome })
    }),
    onObjectStepEnd: quiet(
      ({ callId, stepNumber, msToFirstChunk, objectText: text, usage, finishReason }: ObjectStepEvent) => {
        const under = first(callId, 'step', stepNumber)
        if (!under) return
        under.msToFirstOutput = msToFirstChunk
        under.steps.push({ text, usage, finishReason })
      },
    ),
    onStepEnd: quiet(({ callId, stepNumber, text, usage, toolCalls, performance }: StepEvent) => {
      first(callId, 'step', stepNumber)?.steps.push({ text, usage, toolCalls, performance })
    }),
    onEnd: quiet((event: EndEvent & ErrorEvent) => {
      const failure = failureOf(event)
      const output = outputOf(event) ?? (failure && answerIn(event).text)
      end(event.callId, { output, ...(failure && { failure }) }, event)
    }),
    onAbort: quiet(({ callId, steps = [] }: AbortEvent) => {
      end(callId, { output: textOfSteps(steps), aborted: true }, { steps, usage: usagesOf(steps) })
    }),
    onError: quiet((event: ErrorEvent) => {
      const { callId, error } = event
      const steps = live.get(callId)?.steps ?? []
      const { text, usage, finishReason = steps.at(-1)?.finishReason } = answerIn(event)
      const told = { steps, usage: steps.length > 0 ? usagesOf(steps) : usage, finishReason }
      end(callId, { output: textOfSteps(steps) ?? text, failure: { error } }, told)
    }),
    /** What a tool calls in turn runs in the interaction of the call that called the tool. */
    executeTool<T>({ callId, execute }: ToolRun<T>): PromiseLike<T> {
      const caller = live.get(callId)
      return caller ? caller.call.run(execute) : execute()
    },
  }
}

function quiet<Event>(look: (event: Event) => void): (event: Event) => void {
  return (event) => quietly(() => look(event))
}

/** A stream that fails midway ends like any other, and says of its error only that there was one. */
function failureOf({ error, finishReason, rawFinishReason: raw }: EndEvent): CallEnd['failure'] {
  if (error !== undefined) return { error }
  if (finishReason !== 'error') return undefined
  return { error: new Error(`The answer of the model ended with an error${raw ? ` (${raw})` : ''}.`) }
}

function usagesOf(steps: readonly Step[]): unknown {
  return steps.map(({ usage }) => usage)
}

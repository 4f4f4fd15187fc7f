import { type Call, type CallEnd, quietly, watchStream } from 'raindrop-js/internal'
import type { ResultWatch } from './observe-result'
import { finishReasonOf, modelOf } from './program-facts'
import { createJoiner, textOf } from './program-text'
import type { UsageWatch } from './program-usage'
import type { ServiceWatch } from './watch-service'

/** Where one call of a program gathers what is seen of it, until it ends. */
export interface ProgramRun extends ResultWatch {
  readonly service: ServiceWatch
}

export function createProgramRun(
  call: Call,
  configured: string | undefined,
  usage: ReturnType<UsageWatch> | undefined,
): ProgramRun {
  let model: string | undefined
  let asked: string | undefined
  let served = false
  let finishReason: string | undefined

  function end(how: CallEnd, result?: unknown): void {
    if (usage) quietly(() => call.use(usage(result, !served && !how.failure && !how.aborted)))
    finishReason ??= quietly(() => finishReasonOf(result))
    model ??= configured ?? asked ?? quietly(() => modelOf(result))
    call.end({
      ...how,
      model,
      ...(finishReason === undefined ? {} : { properties: { 'dspy.finish_reason': finishReason } }),
    })
  }

  return {
    service: {
      use(tokens) {
        served = true
        call.use(tokens)
      },
      model: (name) => (model = name),
      asked: (name) => (asked = name),
      finishReason: (reason) => (finishReason = reason),
    },
    done: (result) => end({ output: quietly(() => textOf(result)) }, result),
    failed: (error) => end({ failure: { error } }),
    stream(source) {
      const text = createJoiner()
      return watchStream<object, unknown>(source, {
        chunk: (part) => quietly(() => text.add(part)),
        end: ({ aborted = false, ...how }) => {
          end({
            output: quietly(() => text.get()),
            aborted,
            ...('error' in how ? { failure: { error: how.error } } : {}),
          })
        },
      })
    },
  }
}

import type { Call } from '../calls'
import { quietly } from '../quietly'

/** What Ax tells of each tool call of a program. */
interface ToolTrace {
  readonly fn: string
  readonly args: unknown
  readonly result: unknown
  readonly ok: boolean
  readonly ms: number
}

/** The options of a call, with an ear for its tools beside the app's own. */
export function watchTools(options: unknown, call: Call): unknown {
  if (options !== undefined && typeof options !== 'object') return options
  const given = options as { onFunctionCall?: (trace: ToolTrace) => unknown } | undefined | null
  return {
    ...given,
    onFunctionCall(trace: ToolTrace) {
      quietly(() => {
        const { fn, args, result, ok, ms } = trace
        const startTime = new Date(Date.now() - ms)
        call.tool({ name: fn, input: args, durationMs: ms, startTime, ...(ok ? { output: result } : { error: result }) })
      })
      return given?.onFunctionCall?.(trace)
    },
  }
}

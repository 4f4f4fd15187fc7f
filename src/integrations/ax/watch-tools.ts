import type { ToolCall } from 'raindrop-js'
import { type Call, quietly } from 'raindrop-js/internal'

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
  const given: { onFunctionCall?: (trace: ToolTrace) => unknown } | null | undefined = options
  return {
    ...given,
    onFunctionCall(trace: ToolTrace) {
      quietly(() => {
        const { fn, args, result, ok, ms } = trace
        call.tool(toolCall(fn, args, ms, ok ? { output: result } : { error: result }))
      })
      return given?.onFunctionCall?.(trace)
    },
  }
}

/** The tools of an Ax agent are called by the code that its model writes: nobody is told of them, and of their calls. */
interface AgentLike {
  readonly executor?: {
    readonly agentFunctions?: Tool[]
    readonly options?: { readonly functions?: readonly unknown[] }
  }
}

interface Tool {
  readonly name: string
  readonly func: (args: unknown, extra?: { ai?: unknown }) => unknown
}

/** Puts itself between an agent and its tools, once. `callOf`: the call that a service was made for; a tool gets it from the agent. */
export function watchAgentTools(
  program: unknown,
  seen: WeakSet<object>,
  callOf: (service: unknown) => Call | undefined,
): void {
  const { executor } = Object(program) as AgentLike
  const tools = executor?.agentFunctions
  if (!Array.isArray(tools) || seen.has(tools)) return
  seen.add(tools)
  for (const [index, tool] of tools.entries()) tools[index] = { ...tool, func: watchTool(tool, callOf) }
  for (const inner of executor?.options?.functions ?? []) watchAgentTools(inner, seen, callOf)
}

function watchTool({ name, func }: Tool, callOf: (service: unknown) => Call | undefined): Tool['func'] {
  return (args, extra) => {
    const call = quietly(() => callOf(extra?.ai))
    if (!call) return func(args, extra)
    const startedAt = Date.now()
    const tell = (outcome: Partial<ToolCall>): void => call.tool(toolCall(name, args, Date.now() - startedAt, outcome))
    return settle(
      () => call.run(() => func(args, extra)),
      (output) => tell({ output }),
      (error) => tell({ error }),
    )
  }
}

function settle(run: () => unknown, done: (value: unknown) => void, failed: (error: unknown) => void): unknown {
  const fail = (error: unknown): never => {
    failed(error)
    throw error
  }
  let result: unknown
  try {
    result = run()
  } catch (error) {
    return fail(error)
  }
  const pass = (value: unknown): unknown => {
    done(value)
    return value
  }
  return result instanceof Promise ? result.then(pass, fail) : pass(result)
}

function toolCall(name: string, input: unknown, durationMs: number, outcome: Partial<ToolCall>): ToolCall {
  return { name, input, durationMs, startTime: new Date(Date.now() - durationMs), ...outcome }
}

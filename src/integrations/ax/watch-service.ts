import { quietly, readUsage, type Usage, watchStream } from 'raindrop-js/internal'
import { modelOf } from './program-facts'
import { viewOf } from './view-of'

/** What a model said about a call of it. */
export interface ServiceWatch {
  use(usage: Usage): void
  model(name: string): void
  /** The model that it was asked for, as far as it is known: counts where no answer names one. */
  asked(model: string): void
  finishReason(reason: string): void
}

/** An AI service of Ax, or whatever has its `chat()`. */
export function isService(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'chat' in value && typeof value.chat === 'function'
}

/** The same service for one call of a program: Ax keeps usage by program, and concurrent calls share the program. */
export function watchService(service: object, watch: ServiceWatch): object {
  return viewOf(service, (name, method) => {
    if (name === 'chat')
      return (...args) => {
        const ask = (): void => {
          const asked = quietly(() => askedModelOf(service, args[0]))
          if (asked) watch.asked(asked)
        }
        ask()
        const look = (response: unknown): unknown => {
          ask()
          return watchResponse(response, watch)
        }
        return afterwards(method.apply(service, args), look, ask)
      }
    // Routers pick the service first, and the program then talks to that one.
    if (name === 'resolveChatService')
      return (...args) => afterwards(method.apply(service, args), (choice) => watchChoice(choice, watch))
    return undefined
  })
}

function afterwards(result: unknown, look: (value: unknown) => unknown, failed?: () => void): unknown {
  if (!(result instanceof Promise)) return look(result)
  return result.then(look, (error: unknown) => {
    failed?.()
    throw error
  })
}

/** Without one in the request, a service takes its own: it tells which once it was called. */
function askedModelOf(service: object, request: unknown): string | undefined {
  const { getLastUsedChatModel } = service as { getLastUsedChatModel?: () => unknown }
  const model = modelOf(request) ?? getLastUsedChatModel?.call(service)
  return typeof model === 'string' ? model : undefined
}

function watchChoice(choice: unknown, watch: ServiceWatch): unknown {
  const { service } = Object(choice) as { service?: unknown }
  return isService(service) ? { ...(choice as object), service: watchService(service, watch) } : choice
}

function watchResponse(response: unknown, watch: ServiceWatch): unknown {
  const read = createReader(watch)
  if (!(response instanceof ReadableStream)) {
    read(response)
    return response
  }
  return watchStream<ReadableStream, unknown>(response, { chunk: read, end: () => undefined })
}

/** The parts of a streamed response repeat their usage as it grows: the last one counts. */
function createReader(watch: ServiceWatch): (response: unknown) => void {
  let seen: Usage = {}
  return (response) =>
    quietly(() => {
      const { modelUsage, results } = response as ChatResponse
      if (modelUsage?.model) watch.model(modelUsage.model)
      const usage = readUsage(modelUsage?.tokens)
      watch.use({ ...difference(usage, seen, 'prompt'), ...difference(usage, seen, 'completion') })
      seen = { ...seen, ...usage }
      for (const { finishReason } of results ?? []) if (finishReason) watch.finishReason(finishReason)
    })
}

function difference(now: Usage, before: Usage, kind: 'prompt' | 'completion'): Usage {
  const count = now[kind]
  return count === undefined ? {} : { [kind]: count - (before[kind] ?? 0) }
}

interface ChatResponse {
  modelUsage?: { model?: string; tokens?: unknown }
  results?: Iterable<{ finishReason?: string }>
}

import { type Call, type Calls, quietly } from 'raindrop-js/internal'
import { observeResult } from './observe-result'
import { modelOf, nameOf } from './program-facts'
import { createProgramRun, type ProgramRun } from './program-run'
import { createUsageWatch } from './program-usage'
import { watchAgentTools, watchTools } from './watch-tools'
import type { RaindropAx, WrapOptions } from './types'
import { viewOf, type Method } from './view-of'
import { isService, watchService } from './watch-service'

/** Tracks programs: see `RaindropAx.wrap`. */
export function createWrap(calls: Calls, defaults: Pick<WrapOptions, 'userId' | 'convoId'>): RaindropAx['wrap'] {
  /** Services as programs got them, and the calls that they count for. */
  const watched = new WeakMap<object, Call>()
  const agents = new WeakSet<object>()
  const callOf = (service: unknown): Call | undefined => (isService(service) ? watched.get(service) : undefined)

  function watch(service: object, call: Call, run: ProgramRun): object {
    // A program that got its service from the one around it counts there.
    if (callOf(service)?.interaction === call.interaction) return service
    const view = watchService(service, run.service)
    watched.set(view, call)
    return view
  }

  return <P extends object>(program: P, { event, userId, convoId, onEvent }: WrapOptions = {}): P => {
    const usageOf = createUsageWatch(program)
    quietly(() => watchAgentTools(program, agents, callOf))

    function start(args: unknown[]): { call: Call; run: ProgramRun; args: unknown[] } {
      const [service, values, options, ...more] = args
      const served = isService(service)
      const call = calls.start({
        name: quietly(() => nameOf(program)) ?? event ?? 'program',
        event,
        userId: userId ?? defaults.userId,
        convoId: convoId ?? defaults.convoId,
        insistent: Boolean(userId ?? convoId),
        input: served ? values : args.length > 1 ? args : service,
        within: callOf(service)?.interaction,
      })
      quietly(() => onEvent?.(call.interaction.id))
      const model = quietly(() => modelOf(options, program))
      // An agent may hold a service of its own, which it prefers to the one that it is given.
      const tellsItself = !served || isService(quietly(() => (program as { ai?: unknown }).ai))
      const run = createProgramRun(call, model, tellsItself ? quietly(usageOf) : undefined)
      return {
        call,
        run,
        args: served ? [watch(service, call, run), values, watchTools(options, call), ...more] : args,
      }
    }

    function tracked(method: Method, given: unknown[]): unknown {
      const started = quietly(() => start(given))
      if (!started) return method.apply(program, given)
      const { call, run, args } = started
      let result: unknown
      try {
        result = call.run(() => method.apply(program, args))
      } catch (error) {
        run.failed(error)
        throw error
      }
      return observeResult(result, run)
    }

    return viewOf(program, (name, method) =>
      name === 'forward' || name === 'streamingForward' ? (...args) => tracked(method, args) : undefined,
    )
  }
}

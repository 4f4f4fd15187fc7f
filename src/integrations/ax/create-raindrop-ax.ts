import { Raindrop, type SignalInput } from 'raindrop-js'
import { type ChooseTracing, createCalls, createSpanTracing, withoutUndefined } from 'raindrop-js/internal'
import type { RaindropAx, RaindropAxOptions } from './types'
import { createWrap } from './wrap-program'

/**
 * Tracks DSPy programs. Without a key the programs run as before and nothing is sent. The user of a call: the one given to `wrap`, else that
 * of the current interaction, else the client's, else `anonymous`.
 * @example
 * const raindrop = createRaindropAx({ writeKey: process.env.RAINDROP_WRITE_KEY, userId: 'user-123' })
 * const predict = raindrop.wrap(ax('question:string -> answer:string'))
 * const { answer } = await predict.forward(llm, { question: 'What is the capital of France?' })
 * await raindrop.shutdown()
 */
export function createRaindropAx(options: RaindropAxOptions = {}): RaindropAx {
  const { raindrop, tracingEnabled = true, bypassOtelForTools = true, userId, convoId, ...rest } = options
  const client = raindrop ?? new Raindrop(withoutUndefined({ ...rest, userId, convoId }))
  const chooseTracing: ChooseTracing = ({ tracing, host }) => {
    if (!tracingEnabled) return undefined
    return tracing ?? (bypassOtelForTools ? createSpanTracing(host) : undefined)
  }
  return {
    wrap: createWrap(createCalls(client, chooseTracing), { userId, convoId }),
    identify: (user) => client.identify(user),
    trackSignal: ((signal: SignalInput) => client.trackSignal(signal)) as Raindrop['trackSignal'],
    flush: (flushOptions) => client.flush(flushOptions),
    shutdown: (shutdownOptions) => client.shutdown(shutdownOptions),
  }
}

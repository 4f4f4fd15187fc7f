import type { Raindrop, RaindropOptions, TracingPlugin } from 'raindrop-js'

/** Options of {@link createRaindropAx}. */
export interface RaindropAxOptions extends Pick<
  RaindropOptions,
  'writeKey' | 'userId' | 'convoId' | 'debugLogs' | 'endpoint' | 'fetch'
> {
  /** Use an existing client instead of making one. It brings its own key, endpoint, fetch and tracing. */
  raindrop?: Raindrop
  /** From `raindrop-js/tracing`, for the client that is made. */
  tracing?: TracingPlugin
  /** Record spans of programs and their tool calls. Default true. */
  tracingEnabled?: boolean
  /** Without a plug-in, spans of programs and tools go straight to the queue. Default true; the entry never imports OpenTelemetry. */
  bypassOtelForTools?: boolean
}

/** How one program is tracked. */
export interface WrapOptions {
  /** Event name. Default `ai_generation`. */
  event?: string
  userId?: string
  convoId?: string
  /** Called at the start of each call with the id of its event, so that feedback can be attached to it. */
  onEvent?: (eventId: string) => void
}

/** Tracks programs, and what users think of their answers. */
export interface RaindropAx extends Pick<Raindrop, 'identify' | 'trackSignal' | 'flush' | 'shutdown'> {
  /**
   * The same program, tracked: `forward` and `streamingForward` of any AxGen, flow, agent, subclass or other object that has one of them.
   * Errors are recorded and thrown on as they are.
   * @example
   * const tracked = raindrop.wrap(program, { event: 'answer', onEvent: (id) => (eventId = id) })
   */
  wrap<P extends object>(program: P, options?: WrapOptions): P
}

/**
 * The client: what your AI product says, what people think of it, who they are. The same names in Node, on edges and in browsers; which build
 * an import gives is decided by the conditions of the runtime or bundler. Importing it does nothing.
 *
 * @packageDocumentation
 */
import { RaindropCore } from '../core/client.js'
import type { RaindropOptions } from '../core/types.js'
import { withReachableRelay } from '../web/relay-url.js'
import { createNodePlatform, withEnvironment } from './platform.js'

export * from '../core/index.js'
export { fileQueue } from './file-queue.js'

/**
 * Tracks AI events, interactions, signals and users, and delivers them. One for each key and process is enough. Making one does nothing:
 * work starts with the first call. Throws `invalid_options` for options that cannot work; no other call throws, unless `strict`.
 * @example
 * const raindrop = new Raindrop({ writeKey: process.env.RAINDROP_WRITE_KEY })
 * raindrop.trackAi({ event: 'chat_message', userId: 'user_1', input: 'Hi', output: 'Hello!' })
 * await raindrop.shutdown()
 */
export class Raindrop extends RaindropCore {
  constructor(options?: RaindropOptions) {
    const complete = withReachableRelay(withEnvironment(options))
    super(complete, createNodePlatform(complete))
  }
}

/** Same as `new Raindrop(options)`. */
export function createRaindrop(options?: RaindropOptions): Raindrop {
  return new Raindrop(options)
}

import { RaindropCore } from '../core/client.js'
import { RaindropError } from '../core/errors.js'
import { readOptions } from '../core/options.js'
import type { QueueStore, RaindropOptions } from '../core/types.js'
import { withReachableRelay } from '../web/relay-url.js'
import { createEdgePlatform } from './platform.js'

export * from '../core/index.js'

/**
 * Tracks AI events, interactions, signals and users, and delivers them, on Web standards only: workerd, edge-light, Deno, Bun. Making one
 * does nothing: work starts with the first call. Throws `invalid_options` for options that cannot work; no other call throws, unless
 * `strict`.
 * @example
 * const raindrop = new Raindrop({ writeKey: 'rk_…', waitUntil: (work) => context.waitUntil(work) })
 */
export class Raindrop extends RaindropCore {
  constructor(options?: RaindropOptions) {
    const given = withReachableRelay(readOptions(options))
    super(given, createEdgePlatform(given))
  }
}

/** Same as `new Raindrop(options)`. */
export function createRaindrop(options?: RaindropOptions): Raindrop {
  return new Raindrop(options)
}

/** A queue that survives the process needs a file system: Node only. Throws `invalid_options` here. */
export function fileQueue(_directory: string): QueueStore {
  throw new RaindropError(
    'invalid_options',
    'fileQueue needs a file system and works in Node only. Here leave out storage, or pass a QueueStore of your own.',
  )
}

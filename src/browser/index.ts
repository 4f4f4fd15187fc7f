import { RaindropCore } from '../core/client.js'
import { RaindropError } from '../core/errors.js'
import { readOptions } from '../core/options.js'
import type { QueueStore, RaindropOptions } from '../core/types.js'
import { createBrowserPlatform } from './platform.js'

export * from '../core/index.js'

/**
 * Tracks AI events, interactions, signals and users, and keeps them through reloads, crashes, tabs and outages until they are delivered.
 * One for each page is enough. Throws `invalid_options` for options that cannot work; no other call throws, unless `strict`.
 * @example
 * const raindrop = new Raindrop({ relay: '/api/raindrop' })
 * raindrop.track({ event: 'opened_answer' })
 */
export class Raindrop extends RaindropCore {
  constructor(options?: RaindropOptions) {
    const given = readOptions(options)
    super(given, createBrowserPlatform(given))
  }
}

/** Same as `new Raindrop(options)`. */
export function createRaindrop(options?: RaindropOptions): Raindrop {
  return new Raindrop(options)
}

/** A queue in files needs a file system: Node only. Throws `invalid_options` here. */
export function fileQueue(_directory: string): QueueStore {
  throw new RaindropError(
    'invalid_options',
    'fileQueue needs a file system and works in Node only. Here leave out storage: what is tracked is kept in IndexedDB.',
  )
}

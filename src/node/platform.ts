import { createAmendments } from '../core/amendments.js'
import { RaindropError } from '../core/errors.js'
import { createKeepAlive } from '../core/keep-alive.js'
import { createMemoryStore } from '../core/memory-store.js'
import { readOptions } from '../core/options.js'
import type { Platform } from '../core/platform.js'
import { createRelayDoor } from '../core/relay-door.js'
import type { QueueStore, RaindropOptions } from '../core/types.js'
import { createClock } from '../web/clock.js'
import { createFetchTransport } from '../web/fetch-transport.js'
import { hostWaitUntil } from '../web/request-context.js'
import { createAsyncContexts } from './contexts.js'
import { createProcessLifecycle, type SignalMode } from './lifecycle.js'

/** The environment as options: what is passed wins. */
export function withEnvironment(given: RaindropOptions | undefined): RaindropOptions {
  const options = readOptions(given)
  const { RAINDROP_WRITE_KEY, RAINDROP_LOCAL_DEBUGGER } = process.env
  return {
    ...options,
    writeKey: options.writeKey ?? RAINDROP_WRITE_KEY,
    localDebugger: options.localDebugger ?? (RAINDROP_LOCAL_DEBUGGER || undefined),
  }
}

function openStore(storage: RaindropOptions['storage']): QueueStore {
  if (storage === undefined || storage === 'memory') return createMemoryStore()
  if (storage === 'indexeddb') {
    throw new RaindropError(
      'invalid_options',
      'new Raindrop: storage "indexeddb" is for browsers. Here use "memory" or fileQueue(directory).',
    )
  }
  if (typeof storage === 'object' && typeof storage.put === 'function' && typeof storage.peek === 'function')
    return storage
  throw new RaindropError(
    'invalid_options',
    'new Raindrop: storage must be "memory", fileQueue(directory), or a QueueStore of your own.',
  )
}

function signalMode(options: RaindropOptions, store: QueueStore): SignalMode {
  if (options.flushOnSignals) return 'flush'
  return 'putSync' in store ? 'write' : 'none'
}

/** Loaded with the first request that needs it. */
async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const zlib = await import('node:zlib')
  return await new Promise((resolve, reject) => {
    zlib.gzip(text, (error, packed) => (error ? reject(error) : resolve(new Uint8Array(packed))))
  })
}

export function createNodePlatform(options: RaindropOptions): Platform {
  const clock = createClock()
  const store = openStore(options.storage)
  return {
    clock,
    store,
    transport: createFetchTransport({ clock, fetch: options.fetch, gzip }),
    mirror: createFetchTransport({ clock, fetch: undefined }),
    lifecycle: createProcessLifecycle(signalMode(options, store)),
    contexts: createAsyncContexts(),
    amendments: createAmendments,
    concurrency: 2,
    maxQueueSize: 10_000,
    maxQueueBytes: 64 * 1024 * 1024,
    metadata: { jsRuntime: 'node', nodeVersion: process.version },
    keepAlive: createKeepAlive(hostWaitUntil),
    forwarding: createRelayDoor,
  }
}

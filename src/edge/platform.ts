import { createAmendments } from '../core/amendments.js'
import { RaindropError } from '../core/errors.js'
import { createKeepAlive } from '../core/keep-alive.js'
import { createMemoryStore } from '../core/memory-store.js'
import type { Platform } from '../core/platform.js'
import { createRelayDoor } from '../core/relay-door.js'
import type { QueueStore, RaindropOptions } from '../core/types.js'
import { createClock } from '../web/clock.js'
import { createFetchTransport } from '../web/fetch-transport.js'
import { hostWaitUntil } from '../web/request-context.js'
import { createEdgeContexts } from './contexts.js'

function openStore(storage: RaindropOptions['storage']): QueueStore {
  if (storage === undefined || storage === 'memory') return createMemoryStore()
  if (typeof storage === 'object' && typeof storage.put === 'function' && typeof storage.peek === 'function')
    return storage
  throw new RaindropError('invalid_options', 'new Raindrop: storage must be "memory" or a QueueStore of your own here.')
}

/** As the runtimes call themselves; none of them says it in the same place. */
function runtimeName(): string {
  const host = globalThis as {
    EdgeRuntime?: unknown
    Deno?: unknown
    Bun?: unknown
    navigator?: { userAgent?: string }
  }
  if (typeof host.EdgeRuntime === 'string') return 'vercel-edge'
  if (host.navigator?.userAgent === 'Cloudflare-Workers') return 'cloudflare-worker'
  if (host.Deno) return 'deno'
  return host.Bun ? 'bun' : 'unknown'
}

export function createEdgePlatform(options: RaindropOptions): Platform {
  const clock = createClock()
  return {
    clock,
    store: openStore(options.storage),
    transport: createFetchTransport({ clock, fetch: options.fetch }),
    mirror: createFetchTransport({ clock, fetch: undefined }),
    // Nothing tells an isolate that it ends: waitUntil is what keeps work alive.
    lifecycle: { watch: () => () => undefined },
    contexts: createEdgeContexts(),
    amendments: createAmendments,
    concurrency: 2,
    maxQueueSize: 10_000,
    maxQueueBytes: 32 * 1024 * 1024,
    metadata: { jsRuntime: runtimeName() },
    keepAlive: createKeepAlive(hostWaitUntil),
    forwarding: createRelayDoor,
  }
}

import { RaindropError } from '../core/errors.js'
import { createFeedbackMemory } from '../core/feedback-memory.js'
import { createMemoryStore } from '../core/memory-store.js'
import type { Platform } from '../core/platform.js'
import type { QueueStore, RaindropOptions } from '../core/types.js'
import { createClock } from '../web/clock.js'
import { createFetchTransport } from '../web/fetch-transport.js'
import { createSynchronousContexts } from '../web/synchronous-contexts.js'
import { createFarewell } from './farewell.js'
import { createGzip } from './gzip.js'
import { createIndexedDbStore } from './indexed-db-store.js'
import { createLocalStorage, type LocalStorage } from './local-storage.js'
import { createPageLifecycle } from './page-lifecycle.js'
import { createSiblings } from './siblings.js'
import { withSpill } from './spill.js'
import { createVisitor } from './visitor.js'

function openStore(storage: RaindropOptions['storage'], values: LocalStorage): QueueStore {
  if (storage === undefined || storage === 'indexeddb') return withSpill(createIndexedDbStore(), values)
  if (storage === 'memory') return createMemoryStore()
  if (typeof storage === 'object' && typeof storage.put === 'function' && typeof storage.peek === 'function')
    return storage
  throw new RaindropError(
    'invalid_options',
    'new Raindrop: storage must be "indexeddb", "memory", or a QueueStore of your own here.',
  )
}

export function createBrowserPlatform(options: RaindropOptions): Platform {
  const clock = createClock()
  const storage = createLocalStorage()
  const { fetch, relay } = options
  return {
    clock,
    store: openStore(options.storage, storage),
    transport: {
      ...createFetchTransport({ clock, fetch, gzip: createGzip() }),
      farewell: createFarewell({ clock, fetch, beacons: relay !== undefined }),
    },
    mirror: createFetchTransport({ clock, fetch: undefined }),
    lifecycle: createPageLifecycle(),
    contexts: createSynchronousContexts(),
    siblings: (namespace) => createSiblings(namespace, storage, clock),
    visitor: createVisitor(storage),
    feedbackMemory: createFeedbackMemory,
    concurrency: 1,
    minUploadGapMs: 250,
    // What a page may send when it goes away, by all ways together.
    recentChars: 6 * 49_152,
    // A server that renders the page with this build has nothing to recover, and nowhere to keep it.
    recovers: typeof document !== 'undefined',
    maxQueueSize: 5_000,
    maxQueueBytes: 10 * 1024 * 1024,
    metadata: { jsRuntime: 'browser' },
  }
}

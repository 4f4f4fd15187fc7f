import { createDelivery, type Delivery } from './delivery.js'
import { shortHash } from './ids.js'
import { createMirror } from './mirror.js'
import type { Destination, Settings } from './options.js'
import { createOutlet } from './outlet.js'
import type { Platform } from './platform.js'
import type { Siblings, Tracing } from './ports.js'
import { createQueue, type Queue } from './queue.js'
import type { Reporter } from './reporter.js'
import { createResilientStore, type ResilientStore } from './resilient-store.js'
import { quiet } from './tracing.js'
import type { RaindropOptions } from './types.js'
import { contextOf, directHeaders, directProtocol, relayProtocol } from './wire.js'

/** The way of a record, from the call to the ingest. */
export interface Pipeline {
  /** Tells clients apart that share a store: by key or relay, and project. */
  readonly namespace: string
  readonly siblings: Siblings | undefined
  readonly store: ResilientStore
  readonly queue: Queue
  readonly delivery: Delivery
}

export interface PipelineDeps {
  readonly options: RaindropOptions
  readonly platform: Platform
  readonly settings: Settings
  readonly destination: Destination
  readonly tracing: Tracing | undefined
  readonly newId: () => string
  readonly reporter: Reporter
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { options, platform, settings, destination, tracing, newId, reporter } = deps
  const { clock } = platform
  const { endpoint, relay, writeKey = '', projectId, localDebugger, maxEventBytes, requestTimeoutMs } = destination
  const { tell: onError, report: onReport } = reporter
  const mirror =
    localDebugger === undefined ? undefined : createMirror(localDebugger, quiet(platform.mirror, tracing), clock)
  const namespace = shortHash(`${relay ?? writeKey}\n${projectId ?? ''}`)
  const siblings = 'list' in platform.store ? platform.siblings?.(namespace) : undefined
  const store = createResilientStore(platform.store, clock, { onError, makeRoom: () => queue.makeRoom() })
  const queue: Queue = createQueue({
    store,
    namespace,
    clock,
    maxRecords: () => settings.maxQueueSize,
    maxBytes: platform.maxQueueBytes,
    maxEventBytes,
    newId,
    finish: createOutlet({
      marks: { context: contextOf(platform.metadata), wizardSession: options.wizardSession },
      beforeSend: options.beforeSend,
      onError,
      onFinished: (kind, body) => mirror?.add(kind, body),
    }),
    onDrop(reason, { kind, ref }) {
      // The delivery reports what the ingest refused, with the status.
      if (reason !== 'rejected') onReport({ outcome: 'dropped', kind, ids: [ref], reason })
    },
    onError,
    amendments: platform.amendments,
    recentChars: platform.recentChars,
    onGone: (keys, outcome) => siblings?.tell({ kind: 'gone', keys, outcome }),
  })
  const delivery = createDelivery({
    queue,
    transport: quiet(platform.transport, tracing),
    protocol:
      relay === undefined
        ? directProtocol(endpoint, directHeaders(writeKey, projectId))
        : relayProtocol(relay, () => clock.now()),
    clock,
    settings,
    concurrency: platform.concurrency,
    requestTimeoutMs,
    onReport,
    onError,
    siblings,
    isOnline: platform.lifecycle.isOnline,
    minUploadGapMs: platform.minUploadGapMs,
  })
  return { namespace, siblings, store, queue, delivery }
}

import { createAmendments } from '../../src/core/amendments.js'
import { RaindropCore } from '../../src/core/client.js'
import type { RaindropError } from '../../src/core/errors.js'
import { createFeedbackMemory } from '../../src/core/feedback-memory.js'
import type { Platform } from '../../src/core/platform.js'
import type { LifecycleHandlers } from '../../src/core/ports.js'
import type { QueueStore, RaindropOptions } from '../../src/core/types.js'
import { createAsyncContexts } from '../../src/node/contexts.js'
import { mergeEvent, type MergedEvent } from '../../src/testing/index.js'
import { expectBalance } from './delivery-bench.js'
import { createFakeClock, type FakeClock } from './fake-clock.js'
import { accepted, createScriptedTransport, network, type Reply, type Sent } from './scripted-transport.js'
import { watchStore } from './watched-store.js'

/** What becomes of one request. `lost`: taken, but the answer does not arrive. */
export type Fate = Reply | 'lost'

/** What one client has of its own: the time that several share, or what makes it a page. */
type Surroundings = Partial<Omit<Platform, 'clock' | 'store' | 'transport'>> & { readonly clock?: FakeClock }

/** A whole client over a fake clock, and an ingest that merges what it takes as the real one does. */
export function createClientBench(store: QueueStore, options: RaindropOptions = {}, surroundings: Surroundings = {}) {
  const watched = watchStore(store)
  const clock = surroundings.clock ?? createFakeClock({ settled: watched.settled })
  const fates: Fate[] = []
  const errors: RaindropError[] = []
  const events = new Map<string, MergedEvent>()
  const taken = new Map<string, number>()
  const open = new Map<string, number>()
  /** Broken promises of order, in words. */
  const broken: string[] = []
  let handlers: LifecycleHandlers | undefined

  function take(sent: Sent): void {
    sent.bodies.forEach((body, index) => {
      const ref = sent.refs[index]!
      taken.set(ref, (taken.get(ref) ?? 0) + 1)
      if (body.user_id === undefined || sent.path.endsWith('identify')) return
      const kind = sent.path.endsWith('partial') ? 'partial' : 'event'
      const known = events.get(ref)
      if (known && !known.pending && body.is_pending === true)
        broken.push(`${ref} came as pending after it was finished`)
      events.set(ref, mergeEvent(known, { kind, body }))
    })
  }

  async function script(sent: Sent): Promise<Reply> {
    const refs = sent.path.includes('/events/') ? sent.refs : []
    for (const ref of refs) {
      if ((open.get(ref) ?? 0) > 0) broken.push(`${ref} was in two requests at once`)
      open.set(ref, (open.get(ref) ?? 0) + 1)
    }
    const fate = fates.shift() ?? accepted
    // Time for others to come in between.
    await new Promise<void>((resolve) => clock.after(20, resolve))
    for (const ref of refs) open.set(ref, open.get(ref)! - 1)
    if (fate === 'lost' || fate === accepted) take(sent)
    return fate === 'lost' ? network : fate
  }

  const transport = createScriptedTransport(clock, script)
  const raindrop = new RaindropCore(
    { writeKey: 'rk', onError: (error) => errors.push(error), ...options },
    {
      transport,
      mirror: transport,
      lifecycle: { watch: (given) => ((handlers = given), () => undefined) },
      contexts: createAsyncContexts(),
      store: watched.store,
      amendments: createAmendments,
      feedbackMemory: createFeedbackMemory,
      concurrency: 2,
      maxQueueBytes: 64 * 1024 * 1024,
      maxQueueSize: 10_000,
      metadata: {},
      ...surroundings,
      clock,
    },
  )

  return {
    raindrop,
    clock,
    transport,
    fates,
    errors,
    events,
    taken,
    broken,
    settled: watched.settled,
    handlers: () => handlers,
    check: () => expectBalance(raindrop.stats()),
  }
}

export type ClientBench = ReturnType<typeof createClientBench>

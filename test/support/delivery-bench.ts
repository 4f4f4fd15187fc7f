import { expect } from 'vitest'
import { createAmendments } from '../../src/core/amendments.js'
import { createDelivery, type DeliveryDeps } from '../../src/core/delivery.js'
import type { RaindropError } from '../../src/core/errors.js'
import { createMemoryStore } from '../../src/core/memory-store.js'
import { createSettings } from '../../src/core/options.js'
import { createIdSource } from '../../src/core/ids.js'
import { createQueue, type QueueDeps } from '../../src/core/queue.js'
import type { Draft } from '../../src/core/staging.js'
import type { DeliveryReport, DeliveryStats, QueueStore, RaindropOptions, WireBody } from '../../src/core/types.js'
import { directProtocol, relayProtocol } from '../../src/core/wire.js'
import { createFakeClock, type FakeClock } from './fake-clock.js'
import { accepted, createScriptedTransport, type Script } from './scripted-transport.js'
import { watchStore } from './watched-store.js'

export interface BenchOptions
  extends RaindropOptions, Partial<Pick<QueueDeps, 'maxBytes'>>, Pick<DeliveryDeps, 'siblings' | 'minUploadGapMs'> {
  script?: Script
  store?: QueueStore
  concurrency?: number
  namespace?: string
  clock?: FakeClock
}

/** Queue and delivery over a fake clock and a scripted transport. Every step ends with a look at the books. */
export function createBench(options: BenchOptions = {}) {
  const { store, settled } = watchStore(options.store ?? createMemoryStore())
  const clock = options.clock ?? createFakeClock({ settled })
  const errors: RaindropError[] = []
  const reports: DeliveryReport[] = []
  const settings = createSettings(options, 10_000)
  const transport = createScriptedTransport(clock, options.script ?? (() => accepted))
  const queue = createQueue({
    store,
    namespace: options.namespace ?? 'ns',
    clock,
    maxRecords: () => settings.maxQueueSize,
    amendments: createAmendments,
    maxBytes: options.maxBytes ?? 64 * 1024 * 1024,
    maxEventBytes: options.maxEventBytes ?? 1_048_576,
    newId: createIdSource(),
    finish: ({ body }) => body,
    onDrop: (reason, { kind, ref }) => reports.push({ outcome: 'dropped', reason, kind, ids: [ref] }),
    onError: (error) => errors.push(error),
  })
  const delivery = createDelivery({
    queue,
    transport,
    protocol: options.relay ? relayProtocol(options.relay, () => clock.now()) : directProtocol('http://ingest/v1/', {}),
    clock,
    settings,
    concurrency: options.concurrency ?? 2,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    siblings: options.siblings,
    minUploadGapMs: options.minUploadGapMs,
    onReport: (report) => reports.push(report),
    onError: (error) => errors.push(error),
  })
  let tracked = 0

  function check(): DeliveryStats {
    const stats = queue.stats()
    expectBalance(stats)
    expect(transport.open).toBeLessThanOrEqual(options.concurrency ?? 2)
    return stats
  }

  function add(draft: Draft): void {
    queue.add(draft)
    delivery.added(draft.kind === 'signal')
    check()
  }

  return {
    clock,
    transport,
    queue,
    delivery,
    settings,
    errors,
    reports,
    check,
    settled,
    event: (id = `e${++tracked}`, fields: WireBody = {}, size = 500) =>
      add({ kind: 'event', ref: id, at: undefined, body: { event_id: id, ...fields }, token: undefined, size }),
    partial: (id: string, fields: WireBody = {}, size = 500) =>
      add({
        kind: 'partial',
        ref: id,
        at: undefined,
        body: { event_id: id, ai_data: {}, is_pending: true, ...fields },
        token: undefined,
        size,
      }),
    signal: (id = `s${++tracked}`) =>
      add({
        kind: 'signal',
        ref: id,
        at: undefined,
        body: { event_id: 'e', signal_name: 'thumbs_up', properties: { $signal_id: id } },
        token: undefined,
        size: 300,
      }),
    identify: (id: string) =>
      add({ kind: 'identify', ref: id, at: undefined, body: { user_id: id, traits: {} }, token: undefined, size: 100 }),
    spans: (id: string, fields: WireBody = {}) =>
      add({
        kind: 'spans',
        ref: id,
        at: undefined,
        body: { resourceSpans: [], ...fields },
        token: undefined,
        size: 100,
      }),
    /** In small steps, with a look at the books after each. */
    async pass(ms: number, stepMs = ms): Promise<DeliveryStats> {
      for (let left = ms; left > 0; left -= stepMs) {
        await clock.advance(Math.min(stepMs, left))
        check()
      }
      if (ms === 0) await clock.advance(0)
      return check()
    },
    async flush(timeoutMs = 10_000) {
      const from = clock.elapsed()
      let endedAt: number | undefined
      const flushed = delivery.flush(timeoutMs).finally(() => (endedAt = clock.elapsed()))
      await clock.advance(0)
      while (endedAt === undefined && clock.elapsed() - from < timeoutMs + 1_000) {
        await clock.advance(50)
        check()
      }
      if (endedAt === undefined) throw new Error('flush() did not end at its deadline')
      return { ...(await flushed), tookMs: endedAt - from }
    },
  }
}

/** Nothing disappears without a counted reason. */
export function expectBalance({ tracked, delivered, pending, dropped }: DeliveryStats): void {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  expect(pending, 'pending').toBeGreaterThanOrEqual(0)
  expect({ tracked }, 'tracked = delivered + pending + Σ dropped').toEqual({ tracked: delivered + pending + lost })
}

import { IDBDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DeliveryStats, RaindropOptions } from '../core/types.js'
import { Raindrop } from './index.js'
import { createIndexedDbStore } from './indexed-db-store.js'

// Clients over one database, each with a channel of its own, are what tabs of one origin are. Node has no Web Locks: what holds here rests
// on ids alone.

interface Body {
  event_id: string
  ai_data?: { input?: string; model?: string; output?: string }
}

interface Relay {
  readonly fetch: typeof globalThis.fetch
  /** Ids of events. */
  readonly taken: string[]
  /** What was new in each part of an event, by request. */
  readonly requests: Array<Array<string | undefined>>
  isDown: boolean
}

function createRelay(): Relay {
  const relay: Relay = {
    isDown: true,
    taken: [],
    requests: [],
    async fetch(_url, init) {
      if (relay.isDown) throw new TypeError('down')
      const body = init?.body as string | Uint8Array<ArrayBuffer>
      const text =
        typeof body === 'string'
          ? body
          : await new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream('gzip'))).text()
      const { records } = JSON.parse(text) as { records: Array<{ id: string; body: Body }> }
      relay.taken.push(...records.map(({ body: { event_id } }) => event_id))
      relay.requests.push(records.map(({ body: { ai_data: ai } }) => ai?.output ?? ai?.model ?? ai?.input))
      return Response.json({ accepted: records.map(({ id }) => id), rejected: [] })
    },
  }
  return relay
}

const open: Raindrop[] = []
let relay: Relay

function createTab(options: RaindropOptions = {}): Raindrop {
  const tab = new Raindrop({ relay: 'http://relay', fetch: relay.fetch, onError: () => undefined, ...options })
  open.push(tab)
  return tab
}

function track(tab: Raindrop, count: number): string[] {
  return Array.from({ length: count }, () => tab.track({ event: 'e', userId: 'u' }))
}

function expectConserved({ tracked, delivered, pending, dropped }: DeliveryStats): void {
  expect(delivered + pending + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(tracked)
}

beforeEach(() => {
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
  vi.stubGlobal('indexedDB', new IDBFactory())
  relay = createRelay()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((tab) => tab.shutdown({ timeoutMs: 0 })))
  vi.unstubAllGlobals()
})

it('counts what another tab delivered as delivered, and adds up', async () => {
  const [a, b] = [createTab(), createTab()]
  const ids = [...track(a, 5), ...track(b, 5)]
  await Promise.all([a.persist(), b.persist()])
  relay.isDown = false
  await a.flush()
  await vi.waitFor(() => expect(b.stats().pending).toBe(0))
  expect(new Set(relay.taken)).toEqual(new Set(ids))
  for (const tab of [a, b]) expectConserved(tab.stats())
  // It took on the records of the other.
  expect(a.stats()).toMatchObject({ tracked: 10, delivered: 10 })
  expect(b.stats().delivered).toBe(b.stats().tracked)
})

it('finds out by looking what it did not hear', async () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  const [a, b] = [createTab(), createTab()]
  track(b, 5)
  await b.persist()
  relay.isDown = false
  track(a, 1)
  await a.flush()
  expect(b.stats().pending).toBeGreaterThan(0)
  await b.flush()
  expect(b.stats()).toMatchObject({ pending: 0, dropped: { expired: 0, queue_full: 0 } })
  expectConserved(b.stats())
  expect(new Set(relay.taken).size).toBe(6)
})

it('takes on what an earlier page left, and counts it', async () => {
  const ids = track(createTab(), 7)
  await open[0]!.shutdown({ timeoutMs: 0 })
  relay.isDown = false
  const next = createTab()
  await next.flush()
  expect(relay.taken).toEqual(ids)
  expect(next.stats()).toMatchObject({ tracked: 7, delivered: 7, pending: 0 })
})

it('sends the parts of one event in one request, in their order', async () => {
  const tab = createTab()
  const interaction = tab.begin({ event: 'chat', userId: 'u', input: 'a' })
  await tab.persist()
  interaction.setModel('m')
  await tab.persist()
  interaction.finish('done')
  await tab.persist()
  relay.isDown = false
  expect(await tab.flush()).toMatchObject({ delivered: 3, pending: 0 })
  expect(relay.requests).toEqual([['a', 'm', 'done']])
})

it('purges what is on its way too, should it come back', async () => {
  const tab = createTab()
  track(tab, 30)
  await tab.persist()
  const flushed = tab.flush({ timeoutMs: 500 })
  tab.reset({ purge: true })
  await flushed
  await tab.persist()
  expect(tab.stats()).toMatchObject({ pending: 0, delivered: 0, dropped: { disabled: 30 } })
  const next = createTab()
  relay.isDown = false
  await next.flush()
  expect(relay.taken).toEqual([])
})

it('does not send what another tab purged while it was on its way', async () => {
  let fail = (): void => undefined
  const hanging = new Promise<Response>((resolve) => (fail = () => resolve(new Response('', { status: 503 }))))
  const [a, b] = [createTab(), createTab({ fetch: () => hanging })]
  track(b, 5)
  await b.persist()
  const flushed = b.flush({ timeoutMs: 2_000 })
  const turns = () => new Promise((resolve) => setTimeout(resolve, 50))
  await turns()
  a.reset({ purge: true })
  await a.persist()
  // The news is there before the answer.
  await turns()
  fail()
  expect(await flushed).toMatchObject({ delivered: 0, pending: 0, dropped: 5 })
  expect(b.stats()).toMatchObject({ delivered: 0, pending: 0, dropped: { disabled: 5 } })
})

it('counts what was deleted with the storage as dropped, and tells', async () => {
  const errors: string[] = []
  const tab = createTab({ onError: ({ code }) => errors.push(code) })
  const feedback = tab.feedback({ eventId: 'evt' })
  feedback.vote('up', { undoWindowMs: 0 })
  track(tab, 5)
  await tab.persist()
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('raindrop-js')
    request.onsuccess = resolve
    request.onerror = reject
  })
  relay.isDown = false
  expect(await tab.flush()).toMatchObject({ delivered: 0, pending: 0, dropped: 6 })
  expect(tab.stats()).toMatchObject({ delivered: 0, pending: 0, dropped: { disabled: 6 } })
  expect(errors).toContain('storage')
  expect(feedback.getState().delivery).not.toBe('queued')
  track(tab, 1)
  expect(await tab.flush()).toMatchObject({ delivered: 1, pending: 0 })
})

it('keeps its bounds together with the tabs beside it', async () => {
  const tabs = [0, 1, 2].map(() => createTab({ maxQueueSize: 50, uploadIntervalMs: 60_000, uploadSize: 10_000 }))
  for (const tab of tabs) await tab.persist()
  for (const tab of tabs)
    for (let portion = 0; portion < 5; portion++) {
      track(tab, 10)
      await tab.persist()
    }
  // A tenth of the bound may come from each before it looks.
  expect((await createIndexedDbStore().list('')).length).toBeLessThanOrEqual(65)
  for (const tab of tabs) expectConserved(tab.stats())
})

it('leaves what is on the disk to the next page when it is shut down while the disk fails', async () => {
  const values = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  })
  const tab = createTab()
  const ids = track(tab, 3)
  await tab.persist()
  const failing = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
    throw new Error('EIO')
  })
  track(tab, 1)
  await tab.persist()
  expect(tab.stats().storage).toBe('memory')
  await tab.shutdown({ timeoutMs: 0 })
  failing.mockRestore()
  relay.isDown = false
  await createTab().flush()
  expect(relay.taken).toEqual(expect.arrayContaining(ids))
})

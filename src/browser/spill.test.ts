import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../core/memory-store.js'
import type { SharedStore, SynchronousStore } from '../core/ports.js'
import type { LocalStorage } from './local-storage.js'
import { withSpill } from './spill.js'

function createStorage(): LocalStorage & { readonly values: Map<string, string> } {
  const values = new Map<string, string>()
  return {
    values,
    get: (name) => values.get(name),
    set: (name, value) => void values.set(name, value),
    remove: (name) => void values.delete(name),
  }
}

/** `isGone`: the page went away, and no transaction of it ends any more. */
function createStore(isGone = false): SynchronousStore & SharedStore {
  const kept = createMemoryStore()
  return {
    ...kept,
    put: (records) => (isGone ? new Promise(() => undefined) : kept.put(records)),
    putSync: () => false,
    list: async (prefix) => (await kept.peek({ prefix, limit: 1_000 })).map(({ key }) => key),
  }
}

const show = (visibilityState: string) => vi.stubGlobal('document', { visibilityState })
const keysIn = (store: SharedStore) => store.list('')

beforeEach(() => void vi.stubGlobal('addEventListener', () => undefined))
afterEach(() => void vi.unstubAllGlobals())

it('leaves what a page wrote while it went away to the next page', async () => {
  const storage = createStorage()
  show('hidden')
  const leaving = withSpill(createStore(true), storage)
  leaving.putSync([{ key: 'ns/1/a', json: '{"a":1}' }])
  void leaving.put([{ key: 'ns/1/b', json: '{"b":1}' }])

  show('visible')
  const next = withSpill(createStore(), storage)
  expect(await keysIn(next)).toEqual(['ns/1/a', 'ns/1/b'])
  expect(storage.values.size).toBe(0)
})

it('spills in pagehide, when a page still counts as visible, and no longer after pageshow', async () => {
  const storage = createStorage()
  const listeners = new Map<string, () => void>()
  vi.stubGlobal('addEventListener', (name: string, listener: () => void) => listeners.set(name, listener))
  show('visible')
  const store = withSpill(createStore(true), storage)
  await store.list('')
  listeners.get('pagehide')!()
  void store.put([{ key: 'ns/1/a', json: '{}' }])
  listeners.get('pageshow')!()
  void store.put([{ key: 'ns/1/b', json: '{}' }])
  expect([...storage.values.values()].join()).toContain('ns/1/a')
  expect([...storage.values.values()].join()).not.toContain('ns/1/b')
})

it('touches nothing while a page is visible, and cleans up what its store took', async () => {
  const storage = createStorage()
  const store = withSpill(createStore(), storage)
  show('visible')
  await store.put([{ key: 'ns/1/a', json: '{}' }])
  expect(storage.values.size).toBe(0)
  show('hidden')
  const put = store.put([{ key: 'ns/1/b', json: '{}' }])
  expect(storage.values.size).toBe(1)
  await put
  expect(storage.values.size).toBe(0)
})

it('takes no more than 64 KiB of what belongs to the host page, and survives what others write there', async () => {
  const storage = createStorage()
  storage.values.set('raindrop-js/spill', '{"not":"ours"')
  show('hidden')
  const store = withSpill(createStore(true), storage)
  for (let index = 0; index < 100; index++) void store.put([{ key: `ns/1/${index}`, json: 'x'.repeat(1_000) }])
  const [spilled] = [...storage.values.values()]
  expect(spilled!.length).toBeGreaterThan(60_000)
  expect(spilled!.length).toBeLessThan(70_000)
})

it('forgets what was purged', async () => {
  const storage = createStorage()
  show('hidden')
  const store = withSpill(createStore(true), storage)
  void store.put([{ key: 'ns/1/a', json: '{}' }])
  await store.remove(['ns/1/a'])
  expect(storage.values.size).toBe(0)
})

it('spills what a page writes as it goes away before it knows of that itself', async () => {
  const storage = createStorage()
  show('visible')
  withSpill(createStore(true), storage).putSync([{ key: 'ns/1/a', json: '{}' }])
  expect(await keysIn(withSpill(createStore(), storage))).toEqual(['ns/1/a'])
})

it('cleans up what it spilled when the page stays after all', async () => {
  const storage = createStorage()
  show('visible')
  const store = withSpill(createStore(), storage)
  store.putSync([{ key: 'ns/1/a', json: '{}' }])
  await store.put([{ key: 'ns/1/a', json: '{}' }])
  expect(storage.values.size).toBe(0)
})

it('leaves out what does not fit, and nothing behind it', async () => {
  const storage = createStorage()
  show('hidden')
  const leaving = withSpill(createStore(true), storage)
  leaving.putSync([
    { key: 'ns/1/large', json: 'x'.repeat(70_000) },
    { key: 'ns/1/small', json: '{}' },
  ])
  expect(await keysIn(withSpill(createStore(), storage))).toEqual(['ns/1/small'])
})

it('leaves to the next page what a page wanted deleted, also from the spill, but nothing that came later', async () => {
  const storage = createStorage()
  const kept = createStore()
  await kept.put(['ns/1/1', 'ns/1/9', 'other/1/1'].map((key) => ({ key, json: '{}' })))
  show('hidden')
  withSpill(createStore(true), storage).putSync([{ key: 'ns/1/2', json: '{}' }])
  // The page is gone before it could do it.
  withSpill(createStore(true), storage).doom!([['ns/1/', 'ns/1/5']])
  expect(await keysIn(withSpill(kept, storage))).toEqual(['ns/1/9', 'other/1/1'])
  expect(storage.values.size).toBe(0)
})

it('has nothing to delete once that was done', async () => {
  const storage = createStorage()
  const store = withSpill(createStore(), storage)
  store.doom!([['ns/1/', 'ns/1/5']])()
  expect(storage.values.size).toBe(0)
})

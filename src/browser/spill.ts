import type { SharedStore, SynchronousStore } from '../core/ports.js'
import type { QueueRecord } from '../core/types.js'
import type { LocalStorage } from './local-storage.js'

const NAME = 'raindrop-js/spill'
/** localStorage is the host page's, and 5 MB for all of its origin. */
const MAX_CHARS = 65_536

type Store = SynchronousStore & SharedStore

function isPair(entry: unknown): entry is [key: string, json: string] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
}

/**
 * A store for pages that go away: what is written then is put into localStorage as well, until the store has it. A transaction of IndexedDB
 * that is begun in `pagehide` is lost by WebKitGTK each time and by the others at times, most of all when a tab is closed or reloaded
 * (docs/testing.md has the figures); localStorage is not. What a page left there is moved into the store by the next one.
 */
export function withSpill(store: Store, storage: LocalStorage): Store {
  /** Between `pagehide` and `pageshow`: the page still counts as visible then. */
  let isLeaving = false
  let isWatching = false
  let recovered: Promise<void> | undefined
  const controller = new AbortController()

  function watch(): void {
    if (isWatching || typeof document === 'undefined') return
    isWatching = true
    const { signal } = controller
    const options = { signal, capture: true }
    addEventListener('pagehide', () => (isLeaving = true), options)
    addEventListener('pageshow', () => (isLeaving = false), options)
  }

  function read(): Map<string, string> {
    try {
      const entries: unknown = JSON.parse(storage.get(NAME) ?? '[]')
      return new Map(Array.isArray(entries) ? entries.filter(isPair) : [])
    } catch {
      // Another hand was in it.
      return new Map()
    }
  }

  function write(spilled: ReadonlyMap<string, string>): void {
    if (spilled.size > 0) storage.set(NAME, JSON.stringify([...spilled]))
    else storage.remove(NAME)
  }

  /** False where the page stays, or there is no room. */
  function spill(records: readonly QueueRecord[]): boolean {
    if (!isLeaving && globalThis.document?.visibilityState !== 'hidden') return false
    const spilled = read()
    let chars = [...spilled].reduce((sum, [key, json]) => sum + key.length + json.length, 0)
    for (const { key, json } of records) {
      chars += key.length + json.length
      if (chars > MAX_CHARS) break
      spilled.set(key, json)
    }
    write(spilled)
    return true
  }

  function unspill(keys: readonly string[]): void {
    const spilled = read()
    const before = spilled.size
    for (const key of keys) spilled.delete(key)
    if (spilled.size < before) write(spilled)
  }

  /** Read late: before the first record is written nothing is looked at. */
  async function recover(): Promise<void> {
    const records = [...read()].map(([key, json]) => ({ key, json }))
    if (records.length === 0) return
    await store.put(records)
    unspill(records.map(({ key }) => key))
  }

  async function ready(): Promise<void> {
    watch()
    recovered ??= recover()
    recovered.catch(() => (recovered = undefined))
    await recovered
  }

  return {
    ...store,
    async put(records) {
      const isSpilled = spill(records)
      await store.put(records)
      if (isSpilled) unspill(records.map(({ key }) => key))
    },
    putSync(records) {
      spill(records)
      return store.putSync(records)
    },
    async remove(keys) {
      await store.remove(keys)
      unspill(keys)
    },
    async list(prefix) {
      await ready()
      return await store.list(prefix)
    },
    async peek(range) {
      await ready()
      return await store.peek(range)
    },
    async close() {
      controller.abort()
      await store.close?.()
    },
  }
}

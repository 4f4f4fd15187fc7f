import type { Doomed, SharedStore, SynchronousStore } from '../core/ports.js'
import type { QueueRecord } from '../core/types.js'
import type { LocalStorage } from './local-storage.js'

const NAME = 'raindrop-js/spill'
const DOOMED = 'raindrop-js/doomed'
/** localStorage is the host page's, and 5 MB for all of its origin. */
const MAX_CHARS = 65_536

type Store = SynchronousStore & SharedStore

function isPair(entry: unknown): entry is [key: string, json: string] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
}

/**
 * A store for pages that go away: what is written then is put into localStorage as well, until the store has it. A transaction of IndexedDB
 * that is begun in `pagehide` is lost by WebKitGTK each time and by the others at times, most of all when a tab is closed or reloaded
 * (docs/testing.md has the figures); localStorage is not. What a page left there is moved into the store by the next one. What a page wanted
 * deleted is noted there likewise, and deleted by the next one should this one not get to it.
 */
export function withSpill(store: Store, storage: LocalStorage): Store {
  /** Between `pagehide` and `pageshow`: the page still counts as visible then. */
  let isLeaving = false
  /** What this page put there: all others are the next page's to move. */
  const own = new Set<string>()
  /** What this page is deleting itself. */
  const burying = new Map<string, string>()
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

  function readPairs(name: string): Map<string, string> {
    try {
      const entries: unknown = JSON.parse(storage.get(name) ?? '[]')
      return new Map(Array.isArray(entries) ? entries.filter(isPair) : [])
    } catch {
      // Another hand was in it.
      return new Map()
    }
  }

  function writePairs(name: string, pairs: ReadonlyMap<string, string>): void {
    if (pairs.size > 0) storage.set(name, JSON.stringify([...pairs]))
    else storage.remove(name)
  }

  /** What does not fit is left out, not what comes behind it. */
  function spill(records: readonly QueueRecord[]): void {
    const spilled = readPairs(NAME)
    let chars = [...spilled].reduce((sum, [key, json]) => sum + key.length + json.length, 0)
    for (const { key, json } of records) {
      const size = key.length + json.length
      if (chars + size > MAX_CHARS) continue
      chars += size
      spilled.set(key, json)
      own.add(key)
    }
    writePairs(NAME, spilled)
  }

  function unspill(keys: readonly string[]): void {
    const ours = keys.filter((key) => own.delete(key))
    if (ours.length === 0) return
    const spilled = readPairs(NAME)
    for (const key of ours) spilled.delete(key)
    writePairs(NAME, spilled)
  }

  /** Those of a later call replace those of an earlier one. */
  function doom(doomed: readonly Doomed[]): () => void {
    const isDoomed = (key: string): boolean => doomed.some(([prefix, before]) => key.startsWith(prefix) && key < before)
    writePairs(NAME, new Map([...readPairs(NAME)].filter(([key]) => !isDoomed(key))))
    writePairs(DOOMED, new Map([...readPairs(DOOMED), ...doomed]))
    for (const [prefix, before] of doomed) burying.set(prefix, before)
    return () => {
      const left = readPairs(DOOMED)
      for (const [prefix, before] of doomed) {
        if (left.get(prefix) === before) left.delete(prefix)
        if (burying.get(prefix) === before) burying.delete(prefix)
      }
      writePairs(DOOMED, left)
    }
  }

  async function bury(): Promise<void> {
    const doomed = [...readPairs(DOOMED)].filter(([prefix, before]) => burying.get(prefix) !== before)
    if (doomed.length === 0) return
    for (const [prefix, before] of doomed) await store.remove((await store.list(prefix)).filter((key) => key < before))
    doom(doomed)()
  }

  /** Read late: before the first record is written nothing is looked at. */
  async function recover(): Promise<void> {
    await bury()
    const records = [...readPairs(NAME)].map(([key, json]) => ({ key, json }))
    if (records.length === 0) return
    await store.put(records)
    for (const { key } of records) own.add(key)
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
    doom,
    async put(records) {
      if (isLeaving || globalThis.document?.visibilityState === 'hidden') spill(records)
      await store.put(records)
      unspill(records.map(({ key }) => key))
    },
    /** Only called by a page that goes away, whether it knows it by our own listener already or not. */
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

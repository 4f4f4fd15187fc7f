import { RaindropError } from './errors.js'
import { createMemoryStore } from './memory-store.js'
import type { Clock, SynchronousStore } from './ports.js'
import type { QueueRecord, QueueStore } from './types.js'

/** A storage that failed is tried again after this long. */
const PROBE_MS = 60_000

/**
 * A store that never fails: while the real one does, records are kept in memory, and are written back once it works again. `kind` tells
 * where they are.
 */
export function createResilientStore(
  primary: QueueStore,
  clock: Clock,
  onError: (error: RaindropError) => void,
): QueueStore {
  if (primary.kind === 'memory') return primary
  const overlay = createMemoryStore()
  /** Acknowledged, but still in a store that cannot delete at the moment. */
  const hidden = new Set<string>()
  let overlaid = new Map<string, QueueRecord>()
  let probeAt: number | undefined
  let isTold = false

  function failed(cause: unknown): void {
    if (!isTold) {
      isTold = true
      const message = 'The storage failed; what is tracked is kept in memory and written back when it works again.'
      onError(new RaindropError('storage', message, cause))
    }
    probeAt = clock.elapsed() + PROBE_MS
  }

  /** Undefined while the store is down, or when it just failed. */
  async function tried<T>(work: () => Promise<T>): Promise<{ value: T } | undefined> {
    if (probeAt !== undefined && clock.elapsed() < probeAt) return undefined
    try {
      // First what it missed: the work may be to read it.
      if (probeAt !== undefined) await recover()
      const value = await work()
      isTold = false
      return { value }
    } catch (cause) {
      failed(cause)
      return undefined
    }
  }

  async function recover(): Promise<void> {
    const back = [...overlaid.values()]
    if (back.length > 0) await primary.put(back)
    if (hidden.size > 0) await primary.remove([...hidden])
    await overlay.remove(back.map(({ key }) => key))
    overlaid = new Map()
    hidden.clear()
    probeAt = undefined
  }

  const store: QueueStore = {
    get kind() {
      return probeAt === undefined ? primary.kind : 'memory'
    },
    async put(records) {
      for (const { key } of records) hidden.delete(key)
      if (await tried(() => primary.put(records))) return
      for (const record of records) overlaid.set(record.key, record)
      await overlay.put(records)
    },
    async peek(range) {
      // More than asked for: what is hidden must not make the page look like the last.
      const kept = (await tried(() => primary.peek({ ...range, limit: range.limit + hidden.size })))?.value ?? []
      if (overlaid.size === 0 && hidden.size === 0) return kept
      const extra = await overlay.peek(range)
      const visible = kept.filter(({ key }) => !hidden.has(key) && !overlaid.has(key))
      return [...visible, ...extra].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, range.limit)
    },
    async remove(keys) {
      for (const key of keys) overlaid.delete(key)
      await overlay.remove(keys)
      if (await tried(() => primary.remove(keys))) return
      // Also those of the overlay: a recovery that failed half-way may have written them back already.
      for (const key of keys) hidden.add(key)
    },
    /** Rejects while the store is down: what it holds is not known then, and nobody should count without it. */
    async size(prefix) {
      const kept = (await tried(() => primary.size(prefix)))?.value
      if (!kept) throw new Error('the storage is down')
      const extra = await overlay.size(prefix)
      return { records: kept.records + extra.records, bytes: kept.bytes + extra.bytes }
    },
    async close() {
      try {
        // The last chance of what is only in memory.
        if (probeAt !== undefined) await recover()
        await primary.close?.()
      } catch (cause) {
        failed(cause)
      }
    },
  }
  if (!('putSync' in primary)) return store
  const synchronous: SynchronousStore = Object.defineProperties(
    {
      putSync(records: readonly QueueRecord[]) {
        ;(primary as SynchronousStore).putSync([...overlaid.values(), ...records])
      },
    } as SynchronousStore,
    Object.getOwnPropertyDescriptors(store),
  )
  return synchronous
}

import { RaindropError } from './errors.js'
import { byKey, createMemoryStore } from './memory-store.js'
import type { Cancel, Clock, Doomed, SharedStore, SynchronousStore } from './ports.js'
import type { QueueRecord, QueueStore } from './types.js'

/** A storage that failed is tried again after this long. */
const PROBE_MS = 60_000

export interface ResilientStore extends QueueStore {
  /** Looks whether a store that failed works again. Absent where none can. */
  probe?(): Promise<void>
}

export interface ResilienceOptions {
  readonly onError: (error: RaindropError) => void
  /** The disk is full: deletes what can best be missed. */
  readonly makeRoom?: () => Promise<void>
}

/**
 * A store that never fails: while the real one does, records are kept in memory, and are written back once it works again. `kind` tells
 * where they are.
 */
export function createResilientStore(
  primary: QueueStore,
  clock: Clock,
  { onError, makeRoom }: ResilienceOptions,
): ResilientStore {
  if (primary.kind === 'memory') return primary
  const overlay = createMemoryStore()
  /** Acknowledged, but still in a store that cannot delete at the moment. */
  const hidden = new Set<string>()
  let probeAt: number | undefined
  let isTold = false
  let isClosed = false
  let cancelProbe: Cancel = () => undefined

  function failed(cause: unknown): void {
    if (!isTold) {
      isTold = true
      const message = 'The storage failed; what is tracked is kept in memory and written back when it works again.'
      onError(new RaindropError('storage', message, cause))
    }
    probeAt = clock.elapsed() + PROBE_MS
    cancelProbe()
    if (isClosed) return
    // Nobody may ask for a long time.
    cancelProbe = clock.after(PROBE_MS, () => void probe())
  }

  async function probe(): Promise<void> {
    if (probeAt === undefined) return
    probeAt = clock.elapsed()
    await tried(() => Promise.resolve())
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
    const back = [...overlay.records.values()]
    if (back.length > 0) await primary.put(back)
    if (hidden.size > 0) await primary.remove([...hidden])
    await overlay.remove(back.map(({ key }) => key))
    hidden.clear()
    probeAt = undefined
    cancelProbe()
  }

  async function putOrMakeRoom(records: readonly QueueRecord[]): Promise<void> {
    try {
      await primary.put(records)
    } catch (cause) {
      if (!makeRoom || (cause as Error | null)?.name !== 'QuotaExceededError') throw cause
      await makeRoom()
      await primary.put(records)
    }
  }

  const store: ResilientStore = {
    probe,
    get kind() {
      return probeAt === undefined ? primary.kind : 'memory'
    },
    async put(records) {
      for (const { key } of records) hidden.delete(key)
      if (await tried(() => putOrMakeRoom(records))) return
      await overlay.put(records)
    },
    async peek(range) {
      // More than asked for: what is hidden must not make the page look like the last.
      const kept = (await tried(() => primary.peek({ ...range, limit: range.limit + hidden.size })))?.value ?? []
      if (overlay.records.size === 0 && hidden.size === 0) return kept
      const extra = await overlay.peek(range)
      const visible = kept.filter(({ key }) => !hidden.has(key) && !overlay.records.has(key))
      return [...visible, ...extra].sort(byKey).slice(0, range.limit)
    },
    async remove(keys) {
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
      isClosed = true
      cancelProbe()
      try {
        // The last chance of what is only in memory.
        if (probeAt !== undefined) await recover()
        await primary.close?.()
      } catch (cause) {
        failed(cause)
      }
    },
  }
  const { putSync } = primary as Partial<SynchronousStore>
  const { list, doom, isWiped } = primary as Partial<SharedStore>
  const more = {
    ...(putSync && {
      putSync: (records: readonly QueueRecord[]) => putSync.call(primary, [...overlay.records.values(), ...records]),
    }),
    ...(list && {
      /** As `size`, but what is only in memory is known to whoever put it there. */
      async list(prefix: string) {
        const kept = (await tried(() => list.call(primary, prefix)))?.value
        if (!kept) throw new Error('the storage is down')
        return kept.filter((key) => !hidden.has(key))
      },
    }),
    ...(doom && {
      doom(doomed: readonly Doomed[]) {
        const done = doom.call(primary, doomed)
        // What a store that is down could not delete is left to the next page.
        return () => void (probeAt === undefined && done())
      },
    }),
    ...(isWiped && { isWiped: () => isWiped.call(primary) }),
  }
  return Object.defineProperties(more, Object.getOwnPropertyDescriptors(store)) as typeof more & ResilientStore
}

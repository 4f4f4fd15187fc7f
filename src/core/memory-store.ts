import type { QueueRecord, QueueStore } from './types.js'

export interface MemoryStore extends QueueStore {
  /** All that is in it, by key. */
  readonly records: ReadonlyMap<string, QueueRecord>
}

/**
 * A queue that lives as long as its client. Everything happens at the call; the promises are the port's shape. It holds what is being sent,
 * not what waits, so that each look may sort it: keys grow with time, and what is nearly sorted costs one pass. `bytes` is the UTF-16
 * length of the JSON: counting UTF-8 would cost a pass over each record, and only a bound on memory is asked of it.
 * @example
 * const store = createMemoryStore()
 * await store.put([{ key: 'app/1/0001', json: '{}' }])
 */
export function createMemoryStore(): MemoryStore {
  let records = new Map<string, QueueRecord>()
  const under = (prefix: string): QueueRecord[] => [...records.values()].filter(({ key }) => key.startsWith(prefix))

  return {
    kind: 'memory',
    get records() {
      return records
    },
    async put(added) {
      for (const record of added) records.set(record.key, record)
    },
    async peek({ prefix, after, limit }) {
      const found = under(prefix).filter(({ key }) => after === undefined || key > after)
      return found.sort(byKey).slice(0, limit)
    },
    async remove(keys) {
      for (const key of keys) records.delete(key)
      // A map that is filled and emptied for hours keeps what it held alive until the next full collection (V8); a new one does not.
      if (records.size === 0) records = new Map()
    },
    async size(prefix) {
      const found = under(prefix)
      return { records: found.length, bytes: found.reduce((bytes, { json }) => bytes + json.length, 0) }
    },
  }
}

/** By UTF-16 code unit, as IndexedDB sorts strings. Not localeCompare: the order must be the same on every machine. */
export const byKey = (a: QueueRecord, b: QueueRecord): number => (a.key < b.key ? -1 : 1)

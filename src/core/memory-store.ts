import { createOrderedKeys } from './ordered-keys.js'
import type { QueueRecord, QueueStore } from './types.js'

/**
 * A queue that lives as long as its client. Everything happens at the call; the promises are the port's shape. `bytes` is the UTF-16
 * length of the JSON: counting UTF-8 would cost a pass over each record, and only a bound on memory is asked of it.
 * @example
 * const store = createMemoryStore()
 * await store.put([{ key: 'app/1/0001', json: '{}' }])
 */
export function createMemoryStore(): QueueStore {
  const records = createOrderedKeys<QueueRecord>(({ json }) => json.length)
  return {
    kind: 'memory',
    put: async (added) => records.set(added.map((record) => [record.key, record] as const)),
    peek: async ({ prefix, after, limit }) => records.range(prefix, after, limit).map(([, record]) => record),
    remove: async (keys) => records.delete(keys),
    size: async (prefix) => records.size(prefix),
  }
}

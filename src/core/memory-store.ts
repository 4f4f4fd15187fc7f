import { OrderedKeys } from './ordered-keys.js'
import type { QueueStore } from './types.js'

/**
 * A queue that lives as long as its client. Everything happens at the call; the promises are the port's shape. `bytes` is the UTF-16
 * length of the JSON: counting UTF-8 would cost a pass over each record, and only a bound on memory is asked of it.
 * @example
 * const store = createMemoryStore()
 * await store.put([{ key: 'app/1/0001', json: '{}' }])
 */
export function createMemoryStore(): QueueStore {
  const records = new OrderedKeys<string>((json) => json.length)
  return {
    kind: 'memory',
    put: async (added) => records.set(added.map(({ key, json }) => [key, json] as const)),
    peek: async ({ prefix, after, limit }) => records.range(prefix, after, limit).map(([key, json]) => ({ key, json })),
    remove: async (keys) => records.delete(keys),
    size: async (prefix) => records.size(prefix),
  }
}

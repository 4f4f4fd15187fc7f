import { promisifyRequest } from 'idb-keyval'
import type { SharedStore, SynchronousStore } from '../core/ports.js'
import type { QueueRecord } from '../core/types.js'
import { createConnection } from './connection.js'

const DATABASE = 'raindrop-js'
const STORE = 'queue'

/** Keys are ordered by UTF-16 code unit, so everything under a prefix lies before the prefix with its last unit raised. */
function rangeOf(prefix: string, after?: string): IDBKeyRange | undefined {
  const lower = after !== undefined && after >= prefix ? after : prefix
  const open = lower === after
  if (prefix === '') return after === undefined ? undefined : IDBKeyRange.lowerBound(lower, open)
  const upper = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
  return lower >= upper ? undefined : IDBKeyRange.bound(lower, upper, open, true)
}

/** Feedback is what people took the trouble to say. */
function durabilityOf(records: readonly QueueRecord[]): 'strict' | 'relaxed' {
  return records.some(({ key }) => /^[^/]*\/0\//.test(key)) ? 'strict' : 'relaxed'
}

function putAll(store: IDBObjectStore, records: readonly QueueRecord[]): void {
  for (const { key, json } of records) store.put(json, key)
}

/**
 * A range is one request, however much it deletes: key by key takes a page 30 µs each. What lies between and is not among them, another
 * tab's perhaps, stays.
 */
function deleteAll(store: IDBObjectStore, keys: readonly string[]): Promise<void> {
  const sorted = [...keys].sort()
  const removed = new Set(keys)
  const range = IDBKeyRange.bound(sorted[0], sorted[sorted.length - 1])
  const found = store.getAllKeys(range, keys.length + 1) as IDBRequest<string[]>
  found.onsuccess = () => {
    if (found.result.every((key) => removed.has(key))) store.delete(range)
    else for (const key of keys) store.delete(key)
    store.transaction.commit?.()
  }
  return promisifyRequest(store.transaction)
}

/** Keeps the queue of a page in IndexedDB. Nothing is opened before the first call. */
export function createIndexedDbStore(
  factory: () => IDBFactory = () => indexedDB,
  transactionMs?: number,
): SynchronousStore & SharedStore {
  const connection = createConnection({
    database: DATABASE,
    store: STORE,
    factory,
    transactionMs,
  })

  return {
    kind: 'indexeddb',
    put: (records) => connection.write(durabilityOf(records), (store) => putAll(store, records)),
    // Begun, but whether it succeeds is not known in time.
    putSync(records) {
      connection.writeNow((store) => putAll(store, records))
      return false
    },
    async peek({ prefix, after, limit }) {
      // Zero would mean all of them.
      if (limit <= 0 || (after !== undefined && after >= prefix && !after.startsWith(prefix))) return []
      return await connection.use('readonly', async (store) => {
        const range = rangeOf(prefix, after)
        const [keys, rows] = await Promise.all([
          promisifyRequest(store.getAllKeys(range, limit) as IDBRequest<string[]>),
          promisifyRequest(store.getAll(range, limit) as IDBRequest<string[]>),
        ])
        return keys.map((key, at) => ({ key, json: rows[at]! }))
      })
    },
    remove: (keys) =>
      keys.length === 0 ? Promise.resolve() : connection.use('readwrite', (store) => deleteAll(store, keys)),
    list: (prefix) =>
      connection.use('readonly', (store) =>
        promisifyRequest(store.getAllKeys(rangeOf(prefix)) as IDBRequest<string[]>),
      ),
    /** One record after the other. The queue, which counts by its keys, does not ask. */
    size: (prefix) =>
      connection.use('readonly', (store) => {
        const size = { records: 0, bytes: 0 }
        return new Promise((resolve, reject) => {
          const request = store.openCursor(rangeOf(prefix))
          request.onerror = () => reject(request.error ?? new Error('IndexedDB: reading failed'))
          request.onsuccess = () => {
            const cursor = request.result
            if (!cursor) return resolve(size)
            size.records++
            size.bytes += (cursor.value as string).length
            cursor.continue()
          }
        })
      }),
    isWiped: connection.isWiped,
    close: async () => connection.close(),
  }
}

import { promisifyRequest } from 'idb-keyval'
import type { SharedStore, SynchronousStore } from '../core/ports.js'
import type { QueueRecord } from '../core/types.js'
import { createConnection } from './connection.js'

const DATABASE = 'raindrop-js'
const STORE = 'queue'
const BY_BYTES = 'bytes'

interface Row {
  readonly json: string
  readonly bytes: number
}

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
  for (const { key, json } of records) store.put({ json, bytes: json.length } satisfies Row, key)
}

/** Keeps the queue of a page in IndexedDB. Nothing is opened before the first call. */
export function createIndexedDbStore(
  factory: () => IDBFactory = () => indexedDB,
  transactionMs?: number,
): SynchronousStore & SharedStore {
  const connection = createConnection({
    database: DATABASE,
    store: STORE,
    create: (store) => void store.createIndex(BY_BYTES, BY_BYTES),
    factory,
    transactionMs,
  })

  /** Through the index, whose entries are a length and a key: the records themselves are not loaded. */
  const list = (prefix: string): Promise<Array<{ key: string; bytes: number }>> =>
    connection.use('readonly', (store) => {
      const rows: Array<{ key: string; bytes: number }> = []
      return new Promise((resolve, reject) => {
        const request = store.index(BY_BYTES).openKeyCursor()
        request.onerror = () => reject(request.error ?? new Error('IndexedDB: reading the keys failed'))
        request.onsuccess = () => {
          const cursor = request.result
          if (!cursor) return resolve(rows)
          const key = cursor.primaryKey as string
          if (key.startsWith(prefix)) rows.push({ key, bytes: cursor.key as number })
          cursor.continue()
        }
      })
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
          promisifyRequest(store.getAll(range, limit) as IDBRequest<Row[]>),
        ])
        return keys.map((key, at) => ({ key, json: rows[at]!.json }))
      })
    },
    remove: (keys) =>
      keys.length === 0
        ? Promise.resolve()
        : connection.write('relaxed', (store) => {
            for (const key of keys) store.delete(key)
          }),
    list,
    async size(prefix) {
      const rows = await list(prefix)
      return { records: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }
    },
    close: async () => connection.close(),
  }
}

import type { QueueRecord } from './types.js'

/** The newest undelivered records, in memory as well: a page that goes away has no turn left in which to read its storage. */
export interface Recent {
  add(records: readonly QueueRecord[]): void
  remove(key: string): void
  newestFirst(): readonly QueueRecord[]
}

export function createRecent(maxChars: number): Recent {
  const records = new Map<string, QueueRecord>()
  let chars = 0

  function remove(key: string): void {
    const record = records.get(key)
    if (!record) return
    records.delete(key)
    chars -= record.json.length
  }

  return {
    add(added) {
      for (const record of added) {
        if (record.json.length > maxChars) continue
        remove(record.key)
        records.set(record.key, record)
        chars += record.json.length
      }
      for (const key of records.keys()) {
        if (chars <= maxChars) return
        remove(key)
      }
    },
    remove,
    newestFirst: () => [...records.values()].reverse(),
  }
}

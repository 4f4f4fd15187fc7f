import type { QueueRecord } from './types.js'

/** The newest undelivered records, in memory as well: a page that goes away has no turn left in which to read its storage. */
export interface Recent {
  add(records: readonly QueueRecord[]): void
  get(key: string): QueueRecord | undefined
  remove(key: string): void
  /** On its way without hope of an answer: it stays undelivered, but need not leave again before `forgetSent`. */
  sent(key: string): void
  forgetSent(): void
  /** Those that were not sent. */
  newestFirst(): readonly QueueRecord[]
}

export function createRecent(maxChars: number): Recent {
  const records = new Map<string, QueueRecord>()
  const sent = new Set<string>()
  let chars = 0

  function remove(key: string): void {
    sent.delete(key)
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
    get: (key) => records.get(key),
    remove,
    sent: (key) => void sent.add(key),
    forgetSent: () => sent.clear(),
    newestFirst: () => [...records.values()].reverse().filter(({ key }) => !sent.has(key)),
  }
}

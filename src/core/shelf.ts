/** What this client counts of its store: all of one that nobody else uses, its own part of one that it shares. */
export interface Shelf {
  readonly count: number
  readonly bytes: number
  /** Always true where the store is not shared. */
  has(key: string): boolean
  isOwn(key: string): boolean
  add(key: string, bytes: number, own: boolean): void
  /** Counted without a look at each: what an earlier process left. */
  found(records: number, bytes: number): void
  resize(key: string, by: number): void
  remove(key: string, bytes: number): void
  keys(): readonly string[]
}

/** For a store of one's own: two numbers. */
export function createShelf(): Shelf {
  let count = 0
  let bytes = 0
  return {
    get count() {
      return count
    },
    get bytes() {
      return bytes
    },
    has: () => true,
    isOwn: () => true,
    add(_key, added) {
      count++
      bytes += added
    },
    found(records, added) {
      count += records
      bytes += added
    },
    resize: (_key, by) => void (bytes += by),
    remove(_key, removed) {
      count--
      // Stores count UTF-8, we count UTF-16: what that leaves of an empty queue is nothing.
      bytes = count === 0 ? 0 : bytes - removed
    },
    keys: () => [],
  }
}

/** For a store that tabs share: which records count here, since others add and remove records of theirs. */
export function createSharedShelf(): Shelf {
  const records = new Map<string, { bytes: number; own: boolean }>()
  let bytes = 0
  return {
    get count() {
      return records.size
    },
    get bytes() {
      return bytes
    },
    has: (key) => records.has(key),
    isOwn: (key) => records.get(key)?.own === true,
    add(key, added, own) {
      records.set(key, { bytes: added, own })
      bytes += added
    },
    found: () => undefined,
    resize(key, by) {
      const record = records.get(key)
      if (!record) return
      record.bytes += by
      bytes += by
    },
    remove(key) {
      const record = records.get(key)
      if (!record) return
      records.delete(key)
      bytes -= record.bytes
    },
    keys: () => [...records.keys()],
  }
}

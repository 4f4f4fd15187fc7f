/** A map that forgets what was set longest ago. */
export interface Recent<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
}

/** Holds the last `limit` keys, and up to as many more: two maps, of which the older is let go when the younger is full. */
export function createRecent<V>(limit: number): Recent<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  return {
    get: (key) => young.get(key) ?? old.get(key),
    set(key, value) {
      young.set(key, value)
      if (young.size < limit) return
      old = young
      young = new Map()
    },
  }
}

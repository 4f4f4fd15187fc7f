/**
 * A few short values that outlive the page: who the visitor is, and until when a receiver wants to be left alone. In a sandboxed frame, or
 * where storage is switched off, even the look at localStorage throws: then they live as long as the page. Never a queue: it is
 * synchronous, 5 MB for the whole origin, and a host page breaks when it is full.
 */
export interface LocalStorage {
  get(name: string): string | undefined
  set(name: string, value: string): void
  remove(name: string): void
}

export function createLocalStorage(): LocalStorage {
  const own = new Map<string, string>()
  /** Looked up once: in the `pagehide` of a window that its opener closes WebKit has no `localStorage` any more, but this one still works. */
  let found: Storage | undefined
  const tried = <T>(use: (storage: Storage) => T): T | undefined => {
    try {
      return use((found ??= localStorage))
    } catch {
      return undefined
    }
  }
  return {
    get: (name) => own.get(name) ?? tried((storage) => storage.getItem(name)) ?? undefined,
    set(name, value) {
      const isKept = tried((storage) => {
        storage.setItem(name, value)
        return true
      })
      if (!isKept) own.set(name, value)
    },
    remove(name) {
      own.delete(name)
      tried((storage) => storage.removeItem(name))
    },
  }
}

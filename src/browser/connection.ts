import { promisifyRequest, type UseStore } from 'idb-keyval'

/** Longest wait for a database to open, and for a transaction to end: engines have hung in both, and nothing would ever be sent. */
const OPEN_MS = 2_000
const TRANSACTION_MS = 5_000

export interface ConnectionOptions {
  readonly database: string
  readonly store: string
  /** Looked up late: in a sandboxed frame even the look throws. */
  readonly factory: () => IDBFactory
  /** Default 5,000. */
  readonly transactionMs?: number | undefined
}

/** A connection that idb-keyval's functions can use, and that does not fail for long. */
export interface Connection {
  readonly use: UseStore
  /** As `use` for writing, durable enough to survive a power cut of the machine where `strict`. */
  write<T>(durability: 'strict' | 'relaxed', change: (store: IDBObjectStore) => T): Promise<void>
  /** Writes in this very turn, for a page that is going away. False where the database is not open. */
  writeNow(change: (store: IDBObjectStore) => void): boolean
  /** The database was deleted after it had been open here. */
  isWiped(): boolean
  close(): void
}

function withDeadline<T>(work: Promise<T>, ms: number, what: string, onLate: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      onLate()
      reject(new Error(`IndexedDB: ${what} took over ${ms} ms`))
    }, ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export function createConnection(options: ConnectionOptions): Connection {
  const { database, store: name, factory, transactionMs = TRANSACTION_MS } = options
  let opening: Promise<IDBDatabase> | undefined
  /** In a variable, not in a promise: at page hide there is no turn left in which to wait for one. */
  let open: IDBDatabase | undefined
  let wasOpen = false
  let isWiped = false

  function forget(): void {
    opening = undefined
    open = undefined
  }

  async function connect(): Promise<IDBDatabase> {
    const request = factory().open(database)
    request.onupgradeneeded = () => {
      isWiped ||= wasOpen
      request.result.createObjectStore(name)
    }
    let late = false
    const db = await withDeadline(promisifyRequest(request as IDBRequest<IDBDatabase>), OPEN_MS, 'opening', () => {
      late = true
      // It may still open, and would then block a deletion or an upgrade for ever.
      request.onsuccess = () => request.result.close()
    })
    if (late) db.close()
    // Another tab deletes or upgrades the database: it waits for us.
    db.onversionchange = ({ newVersion }) => {
      isWiped ||= newVersion === null
      db.close()
      forget()
    }
    db.onclose = forget
    wasOpen = true
    open = db
    return db
  }

  function opened(): Promise<IDBDatabase> {
    opening ??= connect()
    // A failed open is never kept: the next call tries anew.
    opening.catch(forget)
    return opening
  }

  function begin(db: IDBDatabase, mode: IDBTransactionMode, durability: 'strict' | 'relaxed'): IDBTransaction {
    return db.transaction(name, mode, { durability })
  }

  /** On a connection that was lost behind our back (Safari does it in the background) reopens once and tries once more. */
  async function transaction<T>(
    mode: IDBTransactionMode,
    durability: 'strict' | 'relaxed',
    run: (transaction: IDBTransaction) => T | PromiseLike<T>,
  ): Promise<T> {
    let begun: IDBTransaction
    try {
      begun = begin(await opened(), mode, durability)
    } catch (error) {
      if ((error as DOMException | null)?.name !== 'InvalidStateError') throw error
      forget()
      begun = begin(await opened(), mode, durability)
    }
    const done = Promise.resolve(run(begun))
    return await withDeadline(done, transactionMs, 'a transaction', () => {
      forget()
      try {
        begun.abort()
      } catch {
        // It ended in this moment.
      }
    })
  }

  return {
    use: (mode, run) => transaction(mode, 'relaxed', (begun) => run(begun.objectStore(name))),
    write: (durability, change) =>
      transaction('readwrite', durability, (begun) => {
        change(begun.objectStore(name))
        const done = promisifyRequest(begun)
        // Without it a transaction begun in `pagehide` is lost at the next navigation (Chromium and Firefox, 0 of 6 kept; with it 6 of 6).
        begun.commit?.()
        return done
      }),
    writeNow(change) {
      if (!open) return false
      try {
        const begun = begin(open, 'readwrite', 'relaxed')
        change(begun.objectStore(name))
        begun.commit?.()
        return true
      } catch {
        // Closed behind our back: what is meant to be written stays in memory, and leaves by the network.
        return false
      }
    },
    isWiped: () => isWiped,
    close() {
      open?.close()
      forget()
    },
  }
}

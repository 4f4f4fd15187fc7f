import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { vi } from 'vitest'
import { describeQueueStore } from '../core/queue-store.contract.js'
import { createIndexedDbStore } from './indexed-db-store.js'

vi.stubGlobal('IDBKeyRange', IDBKeyRange)

describeQueueStore('IndexedDB', () => {
  const factory = new IDBFactory()
  // The stand-in takes seconds for what a browser does in milliseconds.
  const open = () => createIndexedDbStore(() => factory, 60_000)
  return { store: open(), reopen: open }
})

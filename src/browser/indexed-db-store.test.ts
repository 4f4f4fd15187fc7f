import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { vi } from 'vitest'
import { describeQueueStore } from '../core/queue-store.contract.js'
import { createIndexedDbStore } from './indexed-db-store.js'

vi.stubGlobal('IDBKeyRange', IDBKeyRange)

describeQueueStore('IndexedDB', () => {
  const factory = new IDBFactory()
  return { store: createIndexedDbStore(() => factory), reopen: () => createIndexedDbStore(() => factory) }
})

import { describe, expect, it } from 'vitest'
import { createMemoryStore } from './memory-store.js'
import { describeQueueStore } from './queue-store.contract.js'

describeQueueStore('createMemoryStore', () => ({ store: createMemoryStore() }))

describe('createMemoryStore', () => {
  it('says that it is memory', () => {
    expect(createMemoryStore().kind).toBe('memory')
  })

  it('has taken a record when put returns, before its promise resolves', async () => {
    const store = createMemoryStore()
    const putting = store.put([{ key: 'a/1', json: '{}' }])
    expect(await store.size('a/')).toEqual({ records: 1, bytes: 2 })
    await putting
  })

  it('shares nothing with another store', async () => {
    const one = createMemoryStore()
    await one.put([{ key: 'a/1', json: '{}' }])
    expect(await createMemoryStore().size('')).toEqual({ records: 0, bytes: 0 })
  })
})

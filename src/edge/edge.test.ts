import { describe, expect, it, vi } from 'vitest'
import { startIngestServer } from 'raindrop-js/testing'
import { createEdgeContexts } from './contexts.js'
import { fileQueue, Raindrop } from './index.js'

describe('the edge client', () => {
  it('delivers with fetch alone', async () => {
    const ingest = await startIngestServer()
    const raindrop = new Raindrop({ writeKey: 'k', endpoint: ingest.url })
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi' })
    interaction.finish('Hello')
    expect(await raindrop.shutdown()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(ingest.events()).toMatchObject([{ eventId: interaction.id, pending: false }])
    await ingest.close()
  })

  it('says that a file queue needs Node', () => {
    expect(() => fileQueue('queue')).toThrow(/works in Node only/)
    expect(() => new Raindrop({ writeKey: 'k', storage: 'indexeddb' })).toThrow(/memory/)
  })
})

describe('contexts on an edge', () => {
  it('follow a call chain where the runtime can', async () => {
    const contexts = createEdgeContexts()
    const frame = { parent: undefined, current: { id: 'e' } }
    await contexts.run(frame, async () => {
      await Promise.resolve()
      expect(contexts.get()).toBe(frame)
    })
    expect(contexts.get()).toBeUndefined()
  })

  it('are those of the synchronous call where it cannot, also after a throw', () => {
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined })
    const contexts = createEdgeContexts()
    const frame = { parent: undefined, current: { id: 'e' } }
    const inner = { parent: frame, current: undefined }
    expect(() =>
      contexts.run(frame, () => {
        contexts.run(inner, () => expect(contexts.get()).toBe(inner))
        expect(contexts.get()).toBe(frame)
        throw new Error('x')
      }),
    ).toThrow('x')
    expect(contexts.get()).toBeUndefined()
    vi.unstubAllGlobals()
  })
})

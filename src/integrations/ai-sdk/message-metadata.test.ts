import { messageMetadata } from 'raindrop-js/ai-sdk'
import { createTestRaindrop } from 'raindrop-js/testing'
import { describe, expect, it } from 'vitest'

const interaction = () => createTestRaindrop().begin({ event: 'chat', userId: 'u', eventId: 'event_1' })

describe('the metadata of a message', () => {
  it('comes with the first part of the stream, and with no other', async () => {
    const read = await messageMetadata(interaction(), { mint: async (eventId) => `token of ${eventId}` })
    expect(read({ part: { type: 'start' } })).toEqual({ raindrop: { eventId: 'event_1', token: 'token of event_1' } })
    expect(['start-step', 'text-delta', 'finish'].map((type) => read({ part: { type } }))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('has no token where none is asked for, or none can be made', async () => {
    const without = await messageMetadata(interaction())
    const failing = await messageMetadata(interaction(), { mint: () => Promise.reject(new Error('no secret')) })
    for (const read of [without, failing])
      expect(read({ part: { type: 'start' } })).toEqual({ raindrop: { eventId: 'event_1' } })
  })
})

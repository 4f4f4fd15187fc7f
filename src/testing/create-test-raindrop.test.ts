import { describe, expect, it } from 'vitest'
import { createTestRaindrop } from './create-test-raindrop'

const question = { event: 'chat', userId: 'u1', input: 'hi' }

describe('createTestRaindrop', () => {
  it('is a client whose requests can be read', async () => {
    const raindrop = createTestRaindrop()
    const eventId = raindrop.trackAi(question)
    await raindrop.flush()
    expect(raindrop.requests).toHaveLength(1)
    expect(raindrop.requests[0]).toMatchObject({
      path: '/v1/events/track',
      headers: { authorization: 'Bearer test' },
      body: [{ event_id: eventId, user_id: 'u1', ai_data: { input: 'hi' } }],
      status: 200,
    })
    expect(raindrop.stats()).toMatchObject({ tracked: 1, delivered: 1, pending: 0, storage: 'memory' })
    await raindrop.shutdown()
  })

  it('keeps what is tracked offline and sends it online', async () => {
    const raindrop = createTestRaindrop({ onError: () => {} })
    raindrop.goOffline()
    raindrop.trackAi(question)
    expect(await raindrop.flush({ timeoutMs: 50 })).toMatchObject({ delivered: 0, pending: 1 })
    expect(raindrop.requests).toEqual([])
    raindrop.goOnline()
    expect(await raindrop.flush()).toMatchObject({ delivered: 1, pending: 0 })
    await raindrop.shutdown()
  })

  it('responds as told', async () => {
    const errors: string[] = []
    const raindrop = createTestRaindrop({ onError: ({ code }) => errors.push(code) })
    raindrop.respondWith(400)
    raindrop.trackAi(question)
    expect(await raindrop.flush()).toMatchObject({ delivered: 0, dropped: 1 })
    expect(errors).toEqual(['rejected'])
    await raindrop.shutdown()
  })

  it('tells two clients apart', async () => {
    const one = createTestRaindrop({ writeKey: 'one' })
    const two = createTestRaindrop({ writeKey: 'two' })
    one.trackAi(question)
    await Promise.all([one.flush(), two.flush()])
    expect([one.requests.length, two.requests.length]).toEqual([1, 0])
    expect(one.requests[0]?.headers.authorization).toBe('Bearer one')
    await Promise.all([one.shutdown(), two.shutdown()])
  })
})

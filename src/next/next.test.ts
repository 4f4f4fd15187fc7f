import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, type TestRaindrop } from 'raindrop-js/testing'
import { createFeedbackTokens } from 'raindrop-js/relay'
import { createRelayRoute, flushAfter } from 'raindrop-js/next'

const after = vi.fn<(work: () => Promise<unknown>) => void>()
vi.mock('next/server.js', () => ({ after: (work: () => Promise<unknown>) => after(work) }))

let raindrop: TestRaindrop
const onError = vi.fn()
beforeEach(() => {
  raindrop = createTestRaindrop({ onError })
})
afterEach(async () => {
  after.mockReset()
  onError.mockReset()
  await raindrop.shutdown()
})

describe('createRelayRoute', () => {
  it('is a POST handler and nothing else, so that Next answers the other methods itself', async () => {
    const tokens = createFeedbackTokens({ secret: 'a secret of more than thirty-two characters' })
    const route = createRelayRoute({ raindrop, tokens })
    expect(Object.keys(route)).toEqual(['POST'])
    const body = JSON.stringify({
      v: 1,
      records: [{ id: 'r1', kind: 'signal', token: await tokens.mint('e1'), body: { signal_name: 'thumbs_up' } }],
    })
    const request = new Request('http://localhost:3000/api/raindrop', {
      method: 'POST',
      body,
      headers: { origin: 'http://localhost:3000' },
    })
    expect(await (await route.POST(request)).json()).toEqual({ accepted: ['r1'], rejected: [] })
    expect(raindrop.requests[0]?.body).toEqual([{ event_id: 'e1', signal_name: 'thumbs_up' }])
  })
})

describe('flushAfter', () => {
  it('sends when the answer is out, and not before', async () => {
    raindrop.track({ event: 'asked', userId: 'u' })
    flushAfter(raindrop)
    await vi.waitFor(() => expect(after).toHaveBeenCalledOnce())
    expect(raindrop.requests).toEqual([])
    raindrop.track({ event: 'answered', userId: 'u' })
    await after.mock.calls[0]![0]()
    expect(raindrop.requests.flatMap(({ body }) => body).map(({ event }) => event as string)).toEqual([
      'asked',
      'answered',
    ])
    expect(onError).not.toHaveBeenCalled()
  })

  it('outside of a request sends at once, and says why', async () => {
    after.mockImplementation(() => {
      throw new Error('`after` was called outside a request scope.')
    })
    raindrop.track({ event: 'asked', userId: 'u' })
    flushAfter(raindrop)
    await vi.waitFor(() => expect(raindrop.requests).toHaveLength(1))
    expect(onError.mock.calls.map(([error]) => error.message as string)).toEqual([
      expect.stringContaining('Call it within a request of Next'),
    ])
  })
})

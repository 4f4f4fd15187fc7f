import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop } from 'raindrop-js/testing'
import { createTracing, traceFetch } from 'raindrop-js/tracing'

const origin = 'https://app.example'
const interaction = createTestRaindrop({ tracing: createTracing() }).begin({
  event: 'chat',
  userId: 'u',
  eventId: 'e 1',
})

/** The headers with which a request went out. */
function sender() {
  const sent: Array<Record<string, string>> = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    sent.push(
      Object.fromEntries(new Request(input instanceof Request ? input : new URL(String(input), origin), init).headers),
    )
    return new Response()
  }
  return { fetch, sent }
}

afterEach(() => vi.unstubAllGlobals())

describe('traceFetch', () => {
  it.each([
    '/api/chat',
    'api/chat',
    `${origin}/api`,
    new URL('/x', origin),
    new Request(`${origin}/api`, { headers: { accept: 'text/plain' } }),
  ])('tells the same origin of the interaction (%s)', async (input) => {
    const { fetch, sent } = sender()
    await traceFetch(interaction, { fetch, origin })(
      input,
      input instanceof Request ? undefined : { headers: { accept: 'text/plain' } },
    )
    expect(sent[0]).toMatchObject({
      accept: 'text/plain',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
      'x-raindrop-event-id': 'e%201',
    })
  })

  it.each([
    'https://other.example/api',
    'https://app.example.evil.example/',
    'http://app.example/',
    'https://app.example:8443/',
    '//other.example/x',
    'data:text/plain,x',
    new Request('https://other.example/api'),
  ])('tells no other origin (%s)', async (input) => {
    const { fetch, sent } = sender()
    await traceFetch(interaction, { fetch, origin })(input)
    expect(Object.keys(sent[0]!)).not.toContain('traceparent')
    expect(Object.keys(sent[0]!)).not.toContain('x-raindrop-event-id')
  })

  it('takes the page’s origin, and without a page tells nobody', async () => {
    const { fetch, sent } = sender()
    await traceFetch(interaction, { fetch })(`${origin}/api`)
    vi.stubGlobal('location', { origin })
    await traceFetch(interaction, { fetch })(`${origin}/api`)
    expect(sent.map((headers) => 'traceparent' in headers)).toEqual([false, true])
  })

  it('asks for the interaction at each call, lets headers of the call win, and passes the rest on', async () => {
    const { fetch, sent } = sender()
    const page: { current?: typeof interaction } = {}
    const traced = traceFetch(() => page.current, { fetch, origin })
    await traced('/a')
    page.current = interaction
    await traced('/b', { method: 'PUT', headers: [['traceparent', 'mine']] })
    expect(sent).toEqual([{}, { traceparent: 'mine', 'x-raindrop-event-id': 'e%201' }])
  })

  it('patches nothing', () => {
    const before = globalThis.fetch
    traceFetch(interaction)
    expect(globalThis.fetch).toBe(before)
  })
})

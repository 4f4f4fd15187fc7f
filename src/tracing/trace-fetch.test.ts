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

  describe('where the server redirects', () => {
    /** `/api` sends to another origin. A browser tells less of a redirect than Node. */
    function redirecting(status: number, inBrowser = false) {
      const sent: Array<{ url: string; method: string; traced: boolean }> = []
      const send = async (request: Request): Promise<Response> => {
        const { url, method, headers, redirect } = request
        sent.push({ url, method, traced: headers.has('traceparent') || headers.has('x-raindrop-event-id') })
        if (!url.startsWith(origin)) return new Response('elsewhere')
        if (redirect === 'follow' && status !== 304) {
          return await send(new Request('https://other.example/', { method, headers }))
        }
        const answer = new Response(status === 304 ? null : 'moved', { status })
        if (inBrowser) Object.defineProperties(answer, { type: { value: 'opaqueredirect' }, status: { value: 0 } })
        return answer
      }
      const fetch: typeof globalThis.fetch = async (input, init) =>
        await send(new Request(input instanceof Request ? input : new URL(String(input), origin), init))
      return { sent, traced: traceFetch(interaction, { fetch, origin }) }
    }
    const api = `${origin}/api`
    const other = 'https://other.example/'

    it.each([
      [302, false, api, undefined],
      [308, false, new Request(api), undefined],
      [301, true, api, { method: 'get' }],
    ] as const)('follows without the headers (%s, in a browser: %s)', async (status, inBrowser, input, init) => {
      const { sent, traced } = redirecting(status, inBrowser)
      expect(await (await traced(input, init)).text()).toBe('elsewhere')
      expect(sent).toEqual([
        { url: api, method: 'GET', traced: true },
        { url: api, method: 'GET', traced: false },
        { url: other, method: 'GET', traced: false },
      ])
    })

    it.each([
      [307, api, { method: 'POST', body: 'x' }],
      [302, new Request(api, { method: 'POST', body: 'x' }), undefined],
      [302, api, { redirect: 'manual' }],
      [302, new Request(api, { redirect: 'manual' }), undefined],
      [304, api, undefined],
    ] as const)('gives the answer as it is where nothing may be repeated (%s)', async (status, input, init) => {
      const { sent, traced } = redirecting(status)
      expect((await traced(input, init)).status).toBe(status)
      expect(sent).toHaveLength(1)
    })

    it('leaves it to a call that says how', async () => {
      const { sent, traced } = redirecting(307)
      expect(await (await traced(api, { method: 'POST', redirect: 'follow' })).text()).toBe('elsewhere')
      expect(sent).toHaveLength(2)
    })
  })

  it('patches nothing', () => {
    const before = globalThis.fetch
    traceFetch(interaction)
    expect(globalThis.fetch).toBe(before)
  })
})

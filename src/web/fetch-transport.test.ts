import { describe, expect, it } from 'vitest'
import { createFakeClock, turn } from '../../test/support/fake-clock.js'
import type { WireRequest } from '../core/ports.js'
import { createFetchTransport } from './fetch-transport.js'

const request: WireRequest = {
  url: 'http://ingest/v1/events/track',
  headers: { authorization: 'Bearer k' },
  body: '[{}]',
  gzip: false,
}
type Fetch = typeof globalThis.fetch

function open(
  fetch: (url: string, init: RequestInit) => unknown,
  gzip?: (text: string) => Promise<Uint8Array<ArrayBuffer>>,
) {
  const clock = createFakeClock()
  return { clock, transport: createFetchTransport({ clock, fetch: fetch as Fetch, ...(gzip ? { gzip } : {}) }) }
}

/** A body that is read piece by piece, and says when it was read to its end. */
function streamed(pieces: readonly string[], ends = true) {
  const encoder = new TextEncoder()
  let isRead = false
  const left = [...pieces]
  const body = new ReadableStream({
    pull(controller) {
      const piece = left.shift()
      if (piece !== undefined) return controller.enqueue(encoder.encode(piece))
      if (!ends) return new Promise(() => undefined)
      isRead = true
      controller.close()
      return undefined
    },
  })
  return { body, wasRead: () => isRead }
}

describe('requests by fetch', () => {
  it('are POSTs that follow no redirect and carry what they are given', async () => {
    let seen: [string, RequestInit] | undefined
    const { transport } = open(
      async (url, init) => ((seen = [url, init]), new Response('ok', { status: 202, headers: { 'retry-after': '3' } })),
    )
    expect(await transport.send(request, 1_000)).toEqual({ status: 202, retryAfter: '3', text: 'ok' })
    expect(seen?.[0]).toBe(request.url)
    expect(seen?.[1]).toMatchObject({ method: 'POST', redirect: 'manual', headers: request.headers, body: '[{}]' })
  })

  it.each([200, 204, 400, 503])('read the body of a %i to its end', async (status) => {
    const { body, wasRead } = streamed(['{"a', '":1}'])
    const { transport } = open(async () => ({ status, headers: new Headers(), text: () => new Response(body).text() }))
    expect(await transport.send(request, 1_000)).toMatchObject({ status, text: '{"a":1}' })
    expect(wasRead()).toBe(true)
  })

  it('leave no timer behind', async () => {
    const { clock, transport } = open(async () => new Response(''))
    await transport.send(request, 1_000)
    expect(clock.timers).toBe(0)
  })

  it('end at their deadline when no headers come, and are aborted', async () => {
    let signal: AbortSignal | null | undefined
    const { clock, transport } = open((_url, init) => ((signal = init.signal), new Promise(() => undefined)))
    const answered = transport.send(request, 1_000)
    await clock.advance(999)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(await answered).toMatchObject({ failure: 'timeout' })
    expect(signal?.aborted).toBe(true)
  })

  it('end at their deadline when the body never ends, also where fetch ignores the abort', async () => {
    const { clock, transport } = open(async () => new Response(streamed(['{"half'], false).body))
    const answered = transport.send(request, 1_000)
    await clock.advance(1_000)
    expect(await answered).toMatchObject({ failure: 'timeout' })
  })

  it('turn a fetch that throws synchronously, rejects, or answers nonsense into a failure', async () => {
    const failures = [
      () => {
        throw new TypeError('Failed to parse URL')
      },
      () => Promise.reject(new TypeError('fetch failed')),
      () => undefined,
      () => Promise.resolve({ status: 200 }),
    ]
    for (const fetch of failures)
      expect(await open(fetch).transport.send(request, 1_000)).toMatchObject({ failure: 'network' })
  })

  it('are cut by abort(), all at once', async () => {
    const { transport, clock } = open(() => new Promise(() => undefined))
    const answers = [transport.send(request, 1_000), transport.send(request, 1_000)]
    await turn()
    transport.abort()
    expect(await Promise.all(answers)).toMatchObject([{ failure: 'network' }, { failure: 'network' }])
    expect(clock.timers).toBe(0)
  })

  it('pack a body only where the receiver takes it and it is worth it', async () => {
    const sent: Array<{ url: string; body: unknown }> = []
    const packed = new Uint8Array([1, 2, 3])
    const { transport } = open(
      async (url, { body }) => (sent.push({ url, body }), new Response('')),
      async () => packed,
    )
    const large = 'x'.repeat(2_048)
    await transport.send({ ...request, body: large }, 1_000)
    await transport.send({ ...request, gzip: true }, 1_000)
    await transport.send({ ...request, gzip: true, body: large }, 1_000)
    await transport.send({ ...request, gzip: true, body: large, url: '/api?a=1' }, 1_000)
    expect(sent).toEqual([
      { url: request.url, body: large },
      { url: request.url, body: request.body },
      { url: `${request.url}?z=1`, body: packed },
      { url: '/api?a=1&z=1', body: packed },
    ])
  })
})

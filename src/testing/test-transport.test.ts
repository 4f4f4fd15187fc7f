import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createTestTransport, type TestTransport } from './test-transport'

const body = JSON.stringify({ event_id: 'e1' })
const init = { method: 'post', headers: { Authorization: 'Bearer test' }, body }
const url = 'https://api.raindrop.ai/v1/events/track_partial'
const send = ({ fetch }: TestTransport) => fetch(url, init)

describe('createTestTransport', () => {
  it('answers as the ingest does and shows what came', async () => {
    const transport = createTestTransport({})
    const response = await send(transport)
    expect(await response.json()).toEqual({ events: [{ event_id: 'e1' }] })
    expect(transport.requests).toEqual([
      {
        path: '/v1/events/track_partial',
        search: '',
        headers: { authorization: 'Bearer test' },
        body: { event_id: 'e1' },
        status: 200,
      },
    ])
  })

  it('refuses what the ingest refuses', async () => {
    const { fetch } = createTestTransport({})
    expect((await fetch(url, { ...init, body: '{"eventId":"e1"}' })).status).toBe(400)
    expect((await fetch(url, { ...init, headers: {} })).status).toBe(401)
  })

  it('takes a Request, a gzipped body and a page-relative relay', async () => {
    const { fetch, requests } = createTestTransport({ relay: '/api/raindrop' })
    const envelope = { v: 1, records: [{ id: 'r1', kind: 'partial', body: { event_id: 'e1' } }] }
    expect((await fetch(new Request(url, init))).status).toBe(200)
    const packed = gzipSync(JSON.stringify(envelope))
    const response = await fetch('/api/raindrop?z=1', { method: 'POST', body: packed })
    expect(await response.json()).toEqual({ accepted: ['r1'], rejected: [] })
    expect(requests[1]).toMatchObject({ path: '/api/raindrop', search: '?z=1', body: envelope })
  })

  it('responds as told, so many times', async () => {
    const transport = createTestTransport({})
    transport.respondWith(429, { times: 1, retryAfterSeconds: 3, body: { slow: 'down' } })
    const refused = await send(transport)
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      429,
      '3',
      { slow: 'down' },
    ])
    expect((await send(transport)).status).toBe(200)
    expect(transport.requests.map(({ status }) => status)).toEqual([429, 200])
  })

  it.each([
    [500, undefined, '{"error":"respondWith(500)"}'],
    [202, undefined, '{"events":[{"event_id":"e1"}]}'],
    [200, '<html>', '<html>'],
    [204, undefined, ''],
  ])('responds with %i and body %j until told otherwise', async (status, given, text) => {
    const transport = createTestTransport({})
    transport.respondWith(status, { body: given })
    await send(transport)
    const response = await send(transport)
    expect([response.status, await response.text()]).toEqual([status, text])
    transport.respondWith(200)
    expect((await send(transport)).status).toBe(200)
  })

  it('fails offline as fetch does, and records no request then', async () => {
    const transport = createTestTransport({})
    transport.goOffline()
    await expect(send(transport)).rejects.toThrow(new TypeError('fetch failed'))
    expect(transport.requests).toEqual([])
    transport.goOnline()
    expect((await send(transport)).status).toBe(200)
  })

  it('honours an abort', async () => {
    const { fetch } = createTestTransport({})
    await expect(fetch(url, { ...init, signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })
})

import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from './ingest-server'

const event = (id = 'e1') => ({
  event_id: id,
  event: 'chat',
  user_id: 'u1',
  properties: { $context: { library: { name: 'raindrop-js', version: '0' } } },
})

let ingest: IngestServer
beforeEach(async () => {
  ingest = await startIngestServer({ writeKey: 'key' })
})
afterEach(() => ingest.close())

function post(
  path: string,
  body: unknown,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
) {
  return fetch(new URL(path, ingest.url), {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    signal,
  })
}
const track = (...ids: string[]) => post('events/track', ids.map(event))
const ids = () => ingest.events().map(({ eventId }) => eventId)

describe('startIngestServer', () => {
  it('listens on loopback at an address that an endpoint option takes', () => {
    expect(ingest.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/$/)
    expect(ingest.relayUrl).toBe(ingest.url.replace('/v1/', '/relay'))
  })

  it('takes what is right and shows it merged', async () => {
    const response = await track('e1', 'e2')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ events: [{ event_id: 'e1' }, { event_id: 'e2' }] })
    await post('events/track_partial', { event_id: 'p1', is_pending: true, ai_data: { input: 'hi' } })
    await post('events/track_partial', { event_id: 'p1', is_pending: false, ai_data: { output: 'ho' } })
    const vote = { event_id: 'p1', signal_name: 'thumbs_up', properties: { $signal_id: 's1' } }
    await post('signals/track', [vote])
    await post('signals/track', [vote, { ...vote, event_id: 'elsewhere', properties: { $signal_id: 's2' } }])

    expect(ids()).toEqual(['e1', 'e2', 'p1'])
    expect(ingest.events()[2]).toEqual({
      eventId: 'p1',
      pending: false,
      body: { event_id: 'p1', ai_data: { input: 'hi', output: 'ho' }, is_pending: false },
      signals: [{ ...vote, signal_type: 'default' }],
    })
    expect(ingest.signals().map((signal) => signal.event_id)).toEqual(['p1', 'elsewhere'])
    expect(ingest.records.map(({ kind }) => kind)).toEqual([
      'event',
      'event',
      'partial',
      'partial',
      'signal',
      'signal',
      'signal',
    ])
  })

  it('records every request, the refused ones too', async () => {
    await post('events/track', [event()], { headers: { 'X-Custom': 'Yes' } })
    await post('events/track', event())
    await post('events/track?x=1', '{"torn')
    await post('events/track', [event()], { headers: { authorization: 'Bearer wrong' } })
    expect(ingest.requests.map(({ path, search, body, status }) => [path, search, body, status])).toEqual([
      ['/v1/events/track', '', [event()], 200],
      ['/v1/events/track', '', event(), 400],
      ['/v1/events/track', '?x=1', '{"torn', 400],
      ['/v1/events/track', '', [event()], 401],
    ])
    expect(ingest.requests[0]?.headers).toMatchObject({ authorization: 'Bearer key', 'x-custom': 'Yes' })
    expect(ids()).toEqual(['e1'])
  })

  it('collects what is taken but suspicious', async () => {
    await post('users/identify', { user_id: 'undefined' })
    expect(ingest.flags).toEqual(['user_id: is the text "undefined"'])
  })

  it('takes relay envelopes, gzipped as well, without a key', async () => {
    const envelope = JSON.stringify({ v: 1, sentAt: '', records: [{ id: 'r1', kind: 'event', body: event() }] })
    const request = { method: 'POST', headers: { 'content-type': 'text/plain' } }
    const plain = await fetch(ingest.relayUrl, { ...request, body: envelope })
    const packed = await fetch(`${ingest.relayUrl}?z=1`, { ...request, body: gzipSync(envelope) })
    expect(await plain.json()).toEqual({ accepted: ['r1'], rejected: [] })
    expect(await packed.json()).toEqual({ accepted: ['r1'], rejected: [] })
    expect(ingest.requests[1]).toMatchObject({ path: '/relay', search: '?z=1', body: JSON.parse(envelope) })
    expect(ids()).toEqual(['e1'])
  })

  it('takes gzipped JSON and refuses a broken archive', async () => {
    const headers = { 'content-encoding': 'gzip' }
    expect((await post('events/track', gzipSync(JSON.stringify([event()])), { headers })).status).toBe(200)
    expect((await post('events/track', 'not gzip', { headers })).status).toBe(400)
    expect(ids()).toEqual(['e1'])
  })

  it('answers the preflight of a page, also while it misbehaves', async () => {
    ingest.fault('status', { status: 500 })
    const response = await fetch(`${ingest.url}events/track`, { method: 'OPTIONS' })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toContain('x-raindrop-project-id')
    expect((await track('e1')).headers.get('access-control-allow-origin')).toBe('*')
    expect(ingest.requests).toHaveLength(1)
  })

  it('can be stopped and started again on its port', async () => {
    const { port } = ingest
    await ingest.close()
    await expect(track('e1')).rejects.toThrow('fetch failed')
    ingest = await startIngestServer({ port, writeKey: 'key' })
    expect((await track('e1')).status).toBe(200)
  })

  it('says so when the port is taken', async () => {
    await expect(startIngestServer({ port: ingest.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('a faulty ingest', () => {
  it('answers with a status, so many times, and takes nothing then', async () => {
    ingest.fault('status', { status: 429, retryAfterSeconds: 7, times: 2 })
    const answers = [await track('e1'), await track('e1'), await track('e1')]
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200])
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(['7', '7', null])
    expect(answers[0]?.headers.get('access-control-expose-headers')).toBe('retry-after')
    expect(ingest.records).toHaveLength(1)
    expect(ingest.requests.map(({ status }) => status)).toEqual([429, 429, 200])
  })

  it('goes on until told otherwise, and sends the Retry-After it is given', async () => {
    ingest.fault('status', { retryAfter: 'soon' })
    const answers = [await track('e1'), await track('e1')]
    expect(answers.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [503, 'soon'],
      [503, 'soon'],
    ])
    ingest.fault('ok')
    expect((await track('e1')).status).toBe(200)
  })

  it('hits only what matches, and only that counts', async () => {
    ingest.fault('status', { status: 500, match: 'track_partial', times: 1 })
    expect((await track('e1')).status).toBe(200)
    const partial = { event_id: 'p1' }
    expect((await post('events/track_partial', partial)).status).toBe(500)
    expect((await post('events/track_partial', partial)).status).toBe(200)
  })

  it('refuses only large bodies', async () => {
    ingest.fault('status', { status: 413, overBytes: 40_000 })
    expect((await post('events/track', [{ ...event(), event: 'x'.repeat(40_000) }])).status).toBe(413)
    expect((await track('e1')).status).toBe(200)
  })

  it('hangs: reads the request and never answers', async () => {
    ingest.fault('hang')
    const abort = new AbortController()
    const read = ingest.nextRequest()
    const answer = post('events/track', [event()], { signal: abort.signal })
    expect((await read).status).toBeUndefined()
    abort.abort()
    await expect(answer).rejects.toThrow('aborted')
    expect(ingest.records).toEqual([])
  })

  it('closes at once, hanging requests included', async () => {
    ingest.fault('hang')
    const read = ingest.nextRequest()
    const answer = track('e1').catch((error: Error) => error.message)
    await read
    await ingest.close()
    expect(await answer).toBe('fetch failed')
  })

  it('resets the connection before it takes anything', async () => {
    ingest.fault('reset', { times: 1 })
    await expect(track('e1')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(ingest.requests).toHaveLength(1)
    expect(ingest.records).toEqual([])
    expect((await track('e1')).status).toBe(200)
  })

  it('loses its answer after it took the batch', async () => {
    ingest.fault('lost', { times: 1 })
    await expect(track('e1')).rejects.toThrow('fetch failed')
    expect(ids()).toEqual(['e1'])
    expect(ingest.requests[0]).not.toHaveProperty('status')
  })

  it('answers late', async () => {
    ingest.fault('slow', { delayMs: 30 })
    const started = performance.now()
    expect((await track('e1')).status).toBe(200)
    // Node's timers may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(28)
  })

  it('answers with a page that is no answer', async () => {
    ingest.fault('garbage')
    const response = await track('e1')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toMatch(/^<!doctype html>/)
    expect(ingest.records).toEqual([])
  })

  it('begins an answer that never ends', async () => {
    ingest.fault('slow-body')
    const response = await track('e1')
    expect(response.status).toBe(200)
    const reader = response.body!.getReader()
    const { value } = await reader.read()
    expect(new TextDecoder().decode(value)).toBe('{"events":[{"ev')
    const rest = reader.read()
    await ingest.close()
    await expect(rest).rejects.toThrow('terminated')
    expect(ids()).toEqual(['e1'])
  })
})

import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEventStore, type EventStore } from './event-store'
import { csvCell } from './export-events'
import { createIngestServer } from './ingest-server'
import { createLiveFeed, type LiveFeed } from './live-feed'
import { openPGlite } from './pglite-database'
import { maxBodyBytes } from './read-bytes'
import { readWriteKeys } from './write-keys'

let url: string
let store: EventStore
let live: LiveFeed
let server: ReturnType<typeof createIngestServer>

beforeAll(async () => {
  store = await createEventStore(await openPGlite())
  live = await createLiveFeed(store)
  server = createIngestServer({ store, live })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // The first start of PGlite takes seconds on a loaded machine.
}, 60_000)

afterAll(async () => {
  live.close()
  await new Promise((done) => server.close(done))
  await store.close()
})

const hello = (id: string) => ({ event_id: id, event: 'chat', user_id: 'u1', ai_data: { input: 'hi' } })

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { method: 'POST', body, headers: { authorization: 'Bearer key', ...headers } })

it('stores what a client sends, and answers with its ids', async () => {
  const response = await post('/v1/events/track', JSON.stringify([hello('a1')]))
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ events: [{ event_id: 'a1' }] })
  expect((await store.get('a1'))?.input).toBe('hi')
})

it.each([
  ['no key', 401, '/v1/events/track', JSON.stringify([hello('x')]), { authorization: '' }],
  [
    'an event without a user',
    400,
    '/v1/events/track',
    JSON.stringify([{ event: 'chat', ai_data: { input: 'hi' } }]),
    {},
  ],
  ['what is not JSON', 400, '/v1/events/track', 'hello', {}],
  ['an unknown path', 404, '/v1/nothing', '{}', {}],
])('refuses %s', async (_what, status, path, body, headers) => {
  expect((await post(path, body, headers)).status).toBe(status)
})

it('takes a gzipped body', async () => {
  const body = new Uint8Array(gzipSync(JSON.stringify([hello('packed')])))
  expect((await post('/v1/events/track', body, { 'content-encoding': 'gzip' })).status).toBe(200)
  expect(await store.get('packed')).not.toBeNull()
})

it('refuses a small body that unpacks to a huge one', async () => {
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(maxBodyBytes + 1, ' ')))
  expect((await post('/v1/events/track', bomb, { 'content-encoding': 'gzip' })).status).toBe(413)
})

it('takes what a relay sends, record by record', async () => {
  const records = [
    { id: 'r1', kind: 'event', body: hello('relayed') },
    { id: 'r2', kind: 'event', body: {} },
  ]
  const response = await post('/relay', JSON.stringify({ v: 1, sentAt: new Date().toISOString(), records }))
  expect(await response.json()).toMatchObject({ accepted: ['r1'], rejected: [{ id: 'r2' }] })
  expect(await store.get('relayed')).not.toBeNull()
})

it('gives lists page by page, and one event by its id, whatever characters that has', async () => {
  const id = 'ü / ? # %'
  await post('/v1/events/track', JSON.stringify([hello(id)]))
  const list = (await (await fetch(`${url}/api/events?limit=1`)).json()) as {
    events: { eventId: string }[]
    nextCursor: string
  }
  expect(list).toMatchObject({ events: [{ eventId: id }], nextCursor: expect.any(String) })
  const event = await fetch(`${url}/api/events/${encodeURIComponent(id)}`)
  expect(await event.json()).toMatchObject({ eventId: id, body: { user_id: 'u1' } })
})

it.each(['/api/events?before=x', '/api/events?limit=0', '/api/events?limit=many'])('refuses %s', async (path) => {
  expect((await fetch(`${url}${path}`)).status).toBe(400)
})

it.each(['/api/events/none', '/api/events/%E0%A4%A', '/nowhere'])('has nothing at %s', async (path) => {
  expect((await fetch(`${url}${path}`)).status).toBe(404)
})

it('takes only the keys that it was given, and says so before it reads the body', async () => {
  const strict = createIngestServer({ store, live, writeKeys: readWriteKeys('key-one, key-two') })
  await new Promise<void>((done) => strict.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(strict.address() as AddressInfo).port}`
  const send = (authorization: string, path = '/v1/events/track') =>
    fetch(`${address}${path}`, { method: 'POST', body: JSON.stringify([hello('keyed')]), headers: { authorization } })
  for (const header of ['', 'Bearer', 'Bearer key', 'Bearer key-one,', 'Bearer key-one key-two', 'Basic key-one']) {
    expect((await send(header)).status, header).toBe(401)
  }
  expect((await send('', '/relay')).status).toBe(401)
  expect(await store.get('keyed')).toBeNull()
  for (const header of ['Bearer key-one', 'bearer key-two']) expect((await send(header)).status, header).toBe(200)
  expect((await fetch(`${address}/v1/events/track`, { method: 'OPTIONS' })).status).toBe(204)
  await new Promise((done) => strict.close(done))
})

it('takes any key where it was given none', () => {
  expect(readWriteKeys()).toBeUndefined()
  expect(readWriteKeys(' , ')).toBeUndefined()
})

it('exports as JSON and as CSV, and no cell of it is a formula', async () => {
  const evil = '=HYPERLINK("http://evil","Click")'
  await post(
    '/v1/events/track',
    JSON.stringify([
      { ...hello('export-1'), user_id: 'exporter', ai_data: { input: evil, output: 'a "quoted",\nline' } },
      { ...hello('export-2'), user_id: 'exporter', ai_data: { input: '\t+1' } },
    ]),
  )
  const json = await fetch(`${url}/api/export?user=exporter&format=json`)
  expect(json.headers.get('content-disposition')).toMatch(/^attachment; filename="events-[\d-]+\.json"$/)
  expect(await json.json()).toMatchObject([
    { eventId: 'export-2' },
    { eventId: 'export-1', body: { ai_data: { input: evil } }, signalList: [] },
  ])
  const csv = await (await fetch(`${url}/api/export?user=exporter&format=csv`)).text()
  expect(csv).toContain(`,"'=HYPERLINK(""http://evil"",""Click"")","a ""quoted"",\nline",`)
  expect(csv).toContain(`,"'\t+1",`)
  expect(await (await fetch(`${url}/api/export?user=nobody`)).json()).toEqual([])
})

it.each(['=1', '+1', '-1', '@a', '\t=1', ' =1', '\uFEFF=1', '|a', '%0A', '\r=1'])(
  'makes text of the cell %j',
  (text) => {
    expect(csvCell(text)).toMatch(/^"?'/)
  },
)

it.each(['a', '1', 'a=b', 'gpt-5', ''])('leaves the cell %j as it is', (text) => {
  expect(csvCell(text)).toBe(text)
})

it.each([
  ['/api/conversations', { conversations: [] }],
  ['/api/overview?range=all', { range: 'all' }],
  ['/api/facets', { models: [] }],
])('answers %s', async (path, part) => {
  expect(await (await fetch(`${url}${path}`)).json()).toMatchObject(part)
})

it.each(['/api/overview?range=year', '/api/export?format=xml', '/api/conversations?before=x'])(
  'refuses %s',
  async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(400)
  },
)

it('tells its readers what arrives, while it arrives', async () => {
  const abort = new AbortController()
  const stream = await fetch(`${url}/api/stream`, { signal: abort.signal })
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toBe(': connected\n\n')
  await post('/v1/events/track', JSON.stringify([hello('live')]))
  const message = JSON.parse((await reader.read()).value!.slice('data: '.length)) as unknown
  expect(message).toMatchObject({ type: 'changed', events: [{ eventId: 'live', pending: false }] })
  abort.abort()
})

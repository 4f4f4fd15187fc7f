import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Raindrop } from 'raindrop-js'
import { createRelay } from 'raindrop-js/relay'
import { startIngestServer } from 'raindrop-js/testing'
import { anonymousId } from '../core/ids.js'
import {
  createRelayPage,
  envelope,
  event,
  partial,
  post,
  relayUrl,
  signal,
  tokens,
  type RelayPage,
} from '../../test/support/relay-page.js'

let page: RelayPage
afterEach(() => page.close())

const open = async (...given: Parameters<typeof createRelayPage>) => (page = await createRelayPage(...given))

describe('a relay', () => {
  it('delivers a vote that a token stands for, and says so', async () => {
    const { ingest, send } = await open()
    const vote = signal({}, { token: await tokens.mint('e1') })
    expect(await send(vote)).toEqual({ accepted: [vote.id], rejected: [] })
    expect(ingest.signals()).toMatchObject([{ event_id: 'e1', signal_name: 'thumbs_up' }])
    expect(ingest.requests[0]?.headers['authorization']).toBe('Bearer key')
  })

  it('forwards everything as it came: ids, user, time, context', async () => {
    const { ingest, send } = await open({ user: 'alice', client: { userId: 'server', wizardSession: 'w' } })
    const at = '2026-11-01T10:00:00.000Z'
    const records = [event({ timestamp: at }), partial({ timestamp: at }), signal({ event_id: 'e2', timestamp: at })]
    const { accepted } = await send(...records)
    expect([...accepted].sort()).toEqual(records.map(({ id }) => id).sort())
    for (const { kind, body } of records)
      expect(ingest.records.find((record) => record.kind === kind)?.body).toEqual(body)
    expect(ingest.flags).toEqual([])
  })

  it('takes every kind from its own user, spans too', async () => {
    const { ingest, send } = await open({ user: 'alice' })
    const value = (stringValue: string) => ({ stringValue })
    const span = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      parentSpanId: '',
      name: 'search',
      startTimeUnixNano: '1795174119049000000',
      endTimeUnixNano: '1795174119054000000',
      attributes: [
        { key: 'traceloop.span.kind', value: value('tool') },
        { key: 'traceloop.association.properties.user_id', value: value('alice') },
        {
          key: 'raindrop.list',
          value: { arrayValue: { values: [{ intValue: '5' }, { doubleValue: 0.5 }, { boolValue: true }] } },
        },
      ],
      status: { code: 1 },
    }
    const resourceSpans = [
      { resource: { attributes: [] }, scopeSpans: [{ scope: { name: 's', version: '1' }, spans: [span] }] },
    ]
    const records = [
      event(),
      partial(),
      signal({ event_id: 'e2' }),
      {
        id: 'identify',
        kind: 'identify',
        body: { user_id: 'alice', traits: { plan: 'paid', anonymous_id: 'anon_12345678' } },
      },
      { id: 'spans', kind: 'spans', body: { resourceSpans } },
    ]
    expect(await send(...records)).toMatchObject({ rejected: [], accepted: { length: 5 } })
    expect(ingest.records.map(({ kind }) => kind).sort()).toEqual(['event', 'identify', 'partial', 'signal', 'spans'])
  })

  it('costs the others nothing that one record is bad', async () => {
    const { send } = await open({ user: 'alice' })
    const [good, bad, better] = [event(), event({ user_id: 'bob' }), event({ event_id: 'e4' })]
    expect(await send(good, bad, better)).toEqual({
      accepted: [good.id, better.id],
      rejected: [{ id: bad.id, reason: 'wrong_user' }],
    })
  })

  it('takes gzip', async () => {
    const { relay, ingest } = await open({ user: 'alice' })
    const packed = new Uint8Array(gzipSync(envelope([event()])))
    expect((await relay(post(packed, { url: `${relayUrl}?z=1` }))).status).toBe(200)
    expect((await relay(post(packed, { headers: { 'content-encoding': 'gzip' } }))).status).toBe(200)
    expect(ingest.records.map(({ kind }) => kind)).toEqual(['event'])
  })

  it('takes a beacon, which carries its charset', async () => {
    const { relay } = await open({ user: 'alice' })
    expect(
      (await relay(post(envelope([event()]), { headers: { 'content-type': 'text/plain;charset=UTF-8' } }))).status,
    ).toBe(200)
  })

  it('understands the client of this package: batches, gzip, answers', async () => {
    const { relay, ingest } = await open({ user: 'alice' })
    const browser = new Raindrop({ relay: relayUrl, fetch: async (url, init) => await relay(new Request(url, init)) })
    const eventId = browser.trackAi({ event: 'chat', userId: 'alice', input: 'x'.repeat(5_000) })
    browser.trackSignal({ eventId, name: 'thumbs_up', token: await tokens.mint(eventId) })
    browser.begin({ event: 'chat', userId: 'alice', input: 'Hi' }).finish('Hello')
    browser.identify({ userId: 'alice', traits: { plan: 'paid' } })
    expect(await browser.shutdown()).toEqual({ delivered: 4, pending: 0, dropped: 0 })
    expect(ingest.events()).toMatchObject([{ eventId, signals: [{ signal_name: 'thumbs_up' }] }, { pending: false }])
  })

  it('may stand before another relay: each record keeps its id, and no two become one', async () => {
    const next = await startIngestServer()
    const { send, raindrop } = await open({ user: 'alice', client: { relay: next.relayUrl } })
    const records = [event(), partial(), partial({ properties: { a: 1 } })]
    expect(await send(...records)).toMatchObject({ rejected: [], accepted: { length: 3 } })
    const sent = next.requests.flatMap(({ body }) => (body as { records: typeof records }).records)
    expect(sent.map(({ id, kind, body }) => ({ id, kind, body }))).toEqual(records)
    expect(raindrop.stats()).toMatchObject({ tracked: 3, delivered: 3, pending: 0 })
    await next.close()
  })

  it('does not hold up the interactions of the server, nor send them early', async () => {
    const { raindrop, send, ingest } = await open({ user: 'alice' })
    raindrop.begin({ event: 'chat', userId: 'alice', input: 'Hi' })
    await send(event())
    expect(ingest.records.map(({ kind }) => kind)).toEqual(['event'])
  })
})

describe('an acceptance', () => {
  it('comes again for a repeat, which is not forwarded again', async () => {
    const { send, ingest } = await open()
    const vote = signal({}, { token: await tokens.mint('e1', { expiresInSeconds: 0.5 }) })
    await send(vote)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_000 })
    // The answer was lost, and the token is over by now.
    expect(await send(vote, vote)).toEqual({ accepted: [vote.id, vote.id], rejected: [] })
    vi.useRealTimers()
    expect(ingest.records).toHaveLength(1)
  })

  it('is not given while the backend is down; what came meanwhile is one record', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { relay, ingest, raindrop } = await open({ user: 'alice' })
    ingest.fault('status', { status: 503 })
    const one = event()
    const ask = async () => (await (await relay(post(envelope([one])))).json()) as unknown
    const [first, second] = [ask(), ask()]
    await vi.waitFor(() => expect(ingest.requests).toHaveLength(1))
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await first).toEqual({ accepted: [], rejected: [], retryAfterSeconds: 5 })
    expect(await second).toEqual({ accepted: [], rejected: [], retryAfterSeconds: 5 })
    vi.useRealTimers()
    ingest.fault('ok')
    await raindrop.flush()
    expect(await ask()).toEqual({ accepted: [one.id], rejected: [] })
    expect(raindrop.stats()).toMatchObject({ tracked: 1, delivered: 1 })
    expect(ingest.records).toHaveLength(1)
  })

  it('is remembered in a shared place after it was given, never before', async () => {
    const ids = new Set<string>()
    const seen = { has: (id: string) => ids.has(id), add: vi.fn((id: string) => ids.size < ids.add(id).size) }
    const { send, ingest, raindrop } = await open({ user: 'alice', seen })
    const other = createRelay({ raindrop, tokens, seen, authorize: () => ({ userId: 'alice' }) })
    const delivered = event()
    ingest.fault('status', { status: 400 })
    const refused = event({ event_id: 'e5' })
    expect(await send(refused)).toMatchObject({ rejected: [{ id: refused.id, reason: 'dropped' }] })
    expect(seen.add).not.toHaveBeenCalled()
    ingest.fault('ok')
    await send(delivered)
    expect(seen.add.mock.calls).toEqual([[delivered.id]])
    expect(await (await other(post(envelope([delivered])))).json()).toEqual({ accepted: [delivered.id], rejected: [] })
    expect(ingest.records).toHaveLength(1)
  })

  it('does not depend on a shared place that fails', async () => {
    const fail = () => Promise.reject(new Error('no Redis'))
    const { send, errors } = await open({ user: 'alice', seen: { has: fail, add: fail } })
    expect(await send(event())).toMatchObject({ rejected: [], accepted: { length: 1 } })
    expect(errors).toEqual([expect.stringContaining('seen.has()'), expect.stringContaining('seen.add()')])
  })

  it('is given to nothing while the queue is over 80 % full', async () => {
    const { send, raindrop, ingest } = await open({
      user: 'alice',
      client: { maxQueueSize: 10, uploadSize: 100, uploadIntervalMs: 60_000 },
    })
    for (let count = 0; count < 9; count++) raindrop.track({ event: 'own', userId: 'server' })
    expect(await send(event(), event({ user_id: 'bob' }))).toEqual({
      accepted: [],
      rejected: [],
      retryAfterSeconds: 10,
    })
    expect(ingest.records).toEqual([])
    await raindrop.flush()
    expect(await send(event())).toMatchObject({ accepted: { length: 1 } })
  })

  it('is refused for good where beforeSend or the backend drop the record', async () => {
    const { send } = await open({
      user: 'alice',
      client: { beforeSend: (item) => (item.kind === 'identify' ? null : item), onError: () => undefined },
    })
    const identify = { id: 'i1', kind: 'identify', body: { user_id: 'alice', traits: {} } }
    expect(await send(identify)).toEqual({ accepted: [], rejected: [{ id: 'i1', reason: 'dropped' }] })
  })

  it('waits for a client that is switched off, or has no key', async () => {
    const { send, raindrop } = await open({ user: 'alice', client: { enabled: false } })
    expect(await send(event())).toEqual({ accepted: [], rejected: [], retryAfterSeconds: 5 })
    raindrop.configure({ enabled: true })
    expect(await send(event())).toMatchObject({ accepted: { length: 1 } })
  })
})

describe('who may do what', () => {
  it('without authorize: signals with a token, and nothing else', async () => {
    const { send } = await open()
    const token = await tokens.mint('e3')
    const { accepted, rejected } = await send(
      signal({ event_id: 'e3' }, { token }),
      signal(),
      event(),
      partial({ event: undefined, user_id: undefined, ai_data: {}, properties: { a: 1 } }, { token }),
      { id: 'i', kind: 'identify', body: { user_id: 'alice' } },
      { id: 's', kind: 'spans', body: { resourceSpans: [] } },
    )
    expect(accepted).toHaveLength(1)
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'needs_token',
      'wrong_user',
      'wrong_user',
      'wrong_user',
      'wrong_user',
    ])
  })

  it('nobody signed in is the same as nobody asked', async () => {
    const { send } = await open({ user: null })
    const { rejected } = await send(event(), signal())
    expect(rejected.map(({ reason }) => reason)).toEqual(['wrong_user', 'needs_token'])
  })

  it('a signed-in user may act under the anonymous id of before', async () => {
    const { send } = await open({ user: 'alice' })
    expect(await send(event({ user_id: anonymousId() }))).toMatchObject({
      accepted: { length: 1 },
    })
  })

  it('a vote given within the names of a token may be changed and taken back', async () => {
    const { send } = await open()
    const token = await tokens.mint('e1', { signals: ['thumbs_up'] })
    const { accepted, rejected } = await send(
      signal({}, { token }),
      signal({ signal_name: 'thumbs_down', properties: { $signal_id: 's2', replaces: 's1' } }, { token }),
      signal({ signal_name: 'feedback_retracted', properties: { $signal_id: 's3', retracts: 's2' } }, { token }),
      signal({ signal_name: 'thumbs_down' }, { token }),
      signal({ signal_name: 'feedback_retracted' }, { token }),
      signal({ signal_name: 'copied', properties: { replaces: 's1' } }, { token }),
    )
    expect(accepted).toHaveLength(3)
    expect(rejected.map(({ reason }) => reason)).toEqual(['wrong_signal', 'wrong_signal', 'wrong_signal'])
  })

  it('takes the event id of a vote from its token', async () => {
    const { send, ingest } = await open()
    const token = await tokens.mint('e1')
    expect(
      await send(signal({ event_id: 'other' }, { token }), signal({ event_id: undefined }, { token })),
    ).toMatchObject({ accepted: { length: 2 } })
    expect(ingest.signals().map((stored) => stored.event_id as string)).toEqual(['e1', 'e1'])
  })

  it('an interaction of the server may be added to by its user, and not be changed', async () => {
    const { send, raindrop, ingest } = await open({ user: 'alice' })
    const interaction = raindrop.begin({ event: 'chat', userId: 'alice', input: 'Hi' })
    interaction.finish('Hello')
    const addition = { event_id: interaction.id, event: undefined, user_id: undefined, ai_data: {} }
    const attachments = [{ type: 'text', role: 'output', value: 'note' }]
    expect(await send(partial({ ...addition, properties: { rating: 5 }, attachments }))).toMatchObject({
      accepted: { length: 1 },
    })
    for (const change of [
      { ai_data: { output: 'forged' } },
      { ai_data: { input: 'forged' } },
      { ai_data: { convo_id: 'c' } },
      { event: 'forged' },
      { timestamp: '2026-11-01T10:00:00.000Z' },
      { user_id: 'anon_12345678' },
    ]) {
      expect(await send(partial({ ...addition, ...change }))).toMatchObject({ rejected: [{ reason: 'read_only' }] })
    }
    expect(await send(event({ event_id: interaction.id }))).toMatchObject({ rejected: [{ reason: 'read_only' }] })
    await raindrop.flush()
    expect(ingest.events()).toMatchObject([
      {
        pending: false,
        body: { user_id: 'alice', ai_data: { input: 'Hi', output: 'Hello' }, properties: { rating: 5 } },
      },
    ])
  })

  it('an interaction of another user is nothing for anybody else', async () => {
    const { send, raindrop, session } = await open({ user: 'alice' })
    const { id } = raindrop.begin({ event: 'chat', userId: 'bob', input: 'Hi' })
    const addition = { event_id: id, event: undefined, user_id: undefined, ai_data: {}, properties: { a: 1 } }
    const { rejected } = await send(partial(addition), signal({ event_id: id }), partial({ event_id: id }))
    expect(rejected.map(({ reason }) => reason)).toEqual(['wrong_user', 'wrong_user', 'wrong_user'])
    // Nor one that bob began in his browser.
    session.userId = 'bob'
    await send(partial({ event_id: 'e9', user_id: 'bob' }))
    session.userId = 'alice'
    expect(await send(signal({ event_id: 'e9' }), partial({ event_id: 'e9' }))).toMatchObject({
      accepted: [],
      rejected: [{ reason: 'wrong_user' }, { reason: 'wrong_user' }],
    })
  })

  it('an interaction that a token names may be added to, and no other', async () => {
    const { send } = await open({ user: 'alice' })
    const token = await tokens.mint('e1')
    const addition = { event_id: 'e1', event: undefined, user_id: undefined, ai_data: {}, properties: { a: 1 } }
    expect(await send(partial(addition, { token }))).toMatchObject({ accepted: { length: 1 } })
    expect(await send(partial({ event_id: 'e1' }, { token }))).toMatchObject({ rejected: [{ reason: 'read_only' }] })
    expect(await send(partial({ ...addition, event_id: 'e2' }, { token }))).toMatchObject({
      rejected: [{ reason: 'wrong_event' }],
    })
  })
})

describe('the surroundings of a relay', () => {
  it('answers 429 with Retry-After where the app limits, which the client obeys', async () => {
    const { relay } = await open({ rateLimit: async () => false })
    const response = await relay(post(envelope([])))
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10'])
    const onDelivery = vi.fn()
    const browser = new Raindrop({
      relay: relayUrl,
      fetch: async (url, init) => await relay(new Request(url, init)),
      onDelivery,
      onError: () => undefined,
    })
    browser.track({ event: 'a', userId: 'u' })
    await browser.flush({ timeoutMs: 1_000 })
    const { outcome, nextAttemptInMs } = onDelivery.mock.calls[0]![0]
    expect([outcome, Math.ceil(nextAttemptInMs / 1_000)]).toEqual(['retrying', 10])
    await browser.shutdown({ timeoutMs: 0 })
  })

  it.each(['authorize', 'rateLimit'] as const)(
    'answers 503 when %s throws, so that the browser keeps everything',
    async (hook) => {
      const { relay, errors } = await open({ [hook]: () => Promise.reject(new Error('the database is down')) })
      const response = await relay(post(envelope([event()])))
      expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
        503,
        '5',
        { error: 'unavailable' },
      ])
      expect(errors).toEqual([expect.stringContaining('authorize or rateLimit threw')])
    },
  )

  it('lets pages of allowed origins read the answer, and asks for no preflight', async () => {
    const origin = 'https://other.example'
    const { relay } = await open({ user: 'alice', allowedOrigins: [origin] })
    const response = await relay(post(envelope([event()]), { headers: { origin } }))
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(response.headers.get('vary')).toBe('origin')
    const preflight = await relay(
      new Request(relayUrl, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } }),
    )
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'POST'])
  })

  it('knows its own origin behind a proxy', async () => {
    const { relay } = await open({ user: 'alice' })
    const url = 'http://10.0.0.7:3000/api/raindrop'
    const status = async (headers: Record<string, string>) => (await relay(post(envelope([]), { url, headers }))).status
    expect(await status({ host: 'app.example' })).toBe(200)
    expect(await status({ 'x-forwarded-host': 'app.example', 'x-forwarded-proto': 'https' })).toBe(200)
    expect(
      await status({ 'x-forwarded-host': 'app.example', 'x-forwarded-proto': 'https', origin: 'http://app.example' }),
    ).toBe(403)
    expect(await status({})).toBe(403)
  })

  it.each([
    ['no client', { raindrop: undefined }],
    ['neither tokens nor authorize', { tokens: undefined }],
    ['a wildcard origin', { allowedOrigins: ['*'] }],
    ['an origin with a path', { allowedOrigins: ['https://a.example/app'] }],
    ['a rate limit that is no function', { rateLimit: true }],
    ['a body of no bytes', { maxBodyBytes: 0 }],
  ])('cannot be made with %s', async (_, options) => {
    await open()
    expect(() => createRelay({ raindrop: page.raindrop, tokens, ...options } as never)).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    )
  })
})

import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeedbackTokens } from 'raindrop-js/relay'
import {
  createRelayPage,
  envelope,
  event,
  partial,
  post,
  recordId,
  relayUrl,
  secret,
  signal,
  tokens,
  type RelayPage,
} from '../../test/support/relay-page.js'

let page: RelayPage
beforeEach(async () => {
  page = await createRelayPage({ user: 'alice' })
})
afterEach(() => page.close())

/** What one record is refused for; nothing of it arrives. */
async function refusal(record: { id: string }): Promise<string> {
  const answer = await page.send(record)
  expect(answer.accepted).toEqual([])
  expect(page.ingest.records).toEqual([])
  return answer.rejected[0]!.reason
}

/** The status that a whole request is refused with. */
async function status(request: Request): Promise<number> {
  const response = await page.relay(request)
  expect(response.headers.get('set-cookie')).toBeNull()
  expect(page.ingest.records).toEqual([])
  return response.status
}

describe('an attack with a token', () => {
  const withToken = async (change: (token: string) => string, mint = tokens.mint('e1')) =>
    await refusal(signal({}, { token: change(await mint) }))

  it('that is tampered with', async () => {
    expect(await withToken((token) => token.replace('~e1~', '~e2~'))).toBe('bad_signature')
  })

  it('that is truncated', async () => {
    expect(await withToken((token) => token.slice(0, -1))).toBe('malformed')
  })

  it('that is expired', async () => {
    expect(await withToken((token) => token, tokens.mint('e1', { expiresInSeconds: -1 }))).toBe('expired')
  })

  it('of a foreign subject', async () => {
    expect(await withToken((token) => token, tokens.mint('e1', { subject: 'bob' }))).toBe('wrong_subject')
    page.session.userId = null
    expect(await withToken((token) => token, tokens.mint('e1', { subject: 'alice' }))).toBe('wrong_subject')
  })

  it('for another event: the vote lands on the event of the token alone', async () => {
    expect(await page.send(signal({ event_id: 'victim' }, { token: await tokens.mint('e1') }))).toMatchObject({
      accepted: { length: 1 },
    })
    expect(page.ingest.signals().map((stored) => stored.event_id as string)).toEqual(['e1'])
  })

  it('for another signal name', async () => {
    expect(
      await refusal(signal({ signal_name: 'paid' }, { token: await tokens.mint('e1', { signals: ['thumbs_up'] }) })),
    ).toBe('wrong_signal')
  })

  it('signed with a swapped secret', async () => {
    const other = createFeedbackTokens({ secret: secret.replace('a', 'b') })
    expect(await withToken((token) => token, other.mint('e1'))).toBe('bad_signature')
  })

  it.each([
    ['none', `${btoa('{"alg":"none"}')}.${btoa('{"eventId":"e1"}')}.`],
    ['another version', 'f0~zzzzzzzz~e1~~~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['no signature', 'f1~zzzzzzzz~e1~~'],
    ['an empty signature', 'f1~zzzzzzzz~e1~~~'],
  ])('that names its own algorithm: %s', async (_, token) => {
    expect(await refusal(signal({}, { token }))).toBe('malformed')
  })

  it('signed by HMAC with the empty key, or by another hash with the right one', async () => {
    const claims = (await tokens.mint('e1')).split('~').slice(0, -1).join('~')
    for (const [hash, key] of [
      ['SHA-256', '\0'],
      ['SHA-512', secret],
      ['SHA-1', secret],
    ] as const) {
      const imported = await crypto.subtle.importKey(
        'raw',
        new TextEncoder().encode(key),
        { name: 'HMAC', hash },
        false,
        ['sign'],
      )
      const signature = Buffer.from(
        await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(claims)),
      ).toString('base64url')
      expect(await refusal(signal({}, { token: `${claims}~${signature.padEnd(43, 'A').slice(0, 43)}` }))).toMatch(
        /^(bad_signature|malformed)$/,
      )
    }
  })

  it('replayed: it is one signal, however often it is sent', async () => {
    const vote = signal({}, { token: await tokens.mint('e1') })
    for (let time = 0; time < 3; time++) expect(await page.send(vote)).toMatchObject({ accepted: [vote.id] })
    // Under a new record id it is the same signal still: receivers know it by its own.
    await page.send({ ...vote, id: recordId() })
    expect(page.ingest.signals()).toHaveLength(1)
  })

  it('with HTML in the comment: it arrives as text, and is in no answer', async () => {
    const comment = `<img src=x onerror=alert(1)></script><script>alert(2)</script>`
    const feedback = signal(
      { signal_name: 'user_feedback', signal_type: 'feedback', properties: { comment } },
      { token: await tokens.mint('e1') },
    )
    const response = await page.relay(
      post(envelope([feedback, { ...feedback, id: '<script>' }, { ...feedback, id: 'x', kind: '<script>' }])),
    )
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).not.toMatch(/[<>]/)
    expect(page.ingest.signals()[0]).toMatchObject({ properties: { comment } })
  })
})

describe("an attack with somebody else's name", () => {
  it("another user's id in the body", async () => {
    expect(await refusal(event({ user_id: 'bob' }))).toBe('wrong_user')
    expect(await refusal(partial({ user_id: 'bob' }))).toBe('wrong_user')
    expect(
      await refusal({ id: 'i', kind: 'identify', body: { user_id: 'bob', traits: { plan: 'free' } } } as never),
    ).toBe('wrong_user')
  })

  it("user A's records under user B's session", async () => {
    page.session.userId = 'bob'
    const { rejected } = await page.send(event(), partial(), event({ user_id: 'bob' }))
    expect(rejected.map(({ reason }) => reason)).toEqual(['wrong_user', 'wrong_user'])
    expect(page.ingest.records.map(({ body }) => body.user_id as string)).toEqual(['bob'])
  })

  it('in a span', async () => {
    const span = (key: string, stringValue: string) => ({
      id: recordId(),
      kind: 'spans',
      body: {
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: 'a'.repeat(32),
                    spanId: 'b'.repeat(16),
                    name: 's',
                    startTimeUnixNano: '1',
                    endTimeUnixNano: '2',
                    attributes: [{ key, value: { stringValue } }],
                  },
                ],
              },
            ],
          },
        ],
      },
    })
    expect(await refusal(span('traceloop.association.properties.user_id', 'bob'))).toBe('wrong_user')
    expect(await refusal(span('ai.telemetry.metadata.raindrop.ai.userId', 'bob'))).toBe('wrong_user')
    const { id } = page.raindrop.begin({ event: 'chat', userId: 'bob', input: 'Hi' })
    expect(await refusal(span('traceloop.association.properties.event_id', id))).toBe('wrong_user')
  })

  it.each([
    ['a homoglyph', 'аlice'],
    ['full width', 'ａlice'],
    ['another case', 'Alice'],
    ['a blank', 'alice '],
    ['a zero-width space', 'alice\u200b'],
    ['right-to-left', '\u202ealice'],
    ['a null byte', 'alice\0'],
    ['a newline', 'alice\r\nX-User: root'],
    ['combining marks', 'álice'],
    ['half of a pair', 'alice\ud800'],
    ['an array', ['alice']],
    ['an object', { toString: 'alice' }],
    ['an anonymous id that is none', 'anon_'],
    ['an anonymous id with more to it', 'anon_12345678/alice'],
  ])('in unicode tricks: %s', async (_, user) => {
    expect(await refusal(event({ user_id: user }))).toMatch(/^(wrong_user|malformed)$/)
  })

  it.each([
    'e1\u200b',
    'e\u0000',
    '\u202ee1',
    'e\ud800',
    'e\u0301',
    ' ',
    '',
    'e'.repeat(257),
    'e1\r\nSet-Cookie: a=b',
    null,
    7,
    {},
  ])('in an event id: %j', async (event_id) => {
    expect(await refusal(event({ event_id }))).toMatch(/^(malformed|too_large)$/)
    expect(await refusal(signal({ event_id }))).toMatch(/^(malformed|too_large)$/)
  })

  it.each(['r\u200b', 'r\r\nSet-Cookie: a=b', 'ｒ', '', 'r'.repeat(65), '<b>', '../r', null, 7, {}, '__proto__\0'])(
    'in a record id, which then is in no answer: %j',
    async (id) => {
      expect(await page.send({ ...event(), id })).toEqual({ accepted: [], rejected: [] })
      expect(page.ingest.records).toEqual([])
    },
  )
})

describe('an attack with a request', () => {
  const text = envelope([event()])

  it.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'https://app.example:8443',
    'http://app.example',
    'null',
    'file://',
    'https://app.example@evil.example',
    'x\u00ff',
  ])('from a foreign origin: %s', async (origin) => {
    const response = await page.relay(post(text, { headers: { origin } }))
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(page.ingest.records).toEqual([])
    expect((await page.relay(new Request(relayUrl, { method: 'OPTIONS', headers: { origin } }))).status).toBe(403)
  })

  it('from a foreign page that hides its origin', async () => {
    const request = (site: string) =>
      new Request(relayUrl, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'text/plain', 'sec-fetch-site': site },
      })
    expect(await status(request('cross-site'))).toBe(403)
    expect(await status(request('same-site'))).toBe(403)
  })

  it('of 10 MB, with and without its length', async () => {
    expect(await status(post('x'.repeat(10_000_000)))).toBe(413)
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    expect(await status(post(endless))).toBe(413)
    expect(pulled).toBeLessThan(2_500_000)
    expect(await status(post('x', { headers: { 'content-length': '99999999' } }))).toBe(413)
  })

  it('that unpacks to a thousand times its size', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000))
    expect(bomb.byteLength).toBeLessThan(100_000)
    const before = process.memoryUsage().rss
    const from = performance.now()
    expect(await status(post(new Uint8Array(bomb), { url: `${relayUrl}?z=1` }))).toBe(413)
    expect(performance.now() - from).toBeLessThan(2_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(64_000_000)
  })

  it.each([
    ['cut', gzipSync(text).subarray(0, 40)],
    ['none', Buffer.from(text)],
  ])('packed by a gzip that is %s', async (_, bytes) => {
    expect(await status(post(new Uint8Array(bytes), { url: `${relayUrl}?z=1` }))).toBe(400)
  })

  it.each(['br', 'gzip, gzip', 'deflate'])('in another encoding: %s', async (encoding) => {
    expect(await status(post(text, { headers: { 'content-encoding': encoding } }))).toBe(415)
  })

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/html', 'application/xml', ''])(
    'of the wrong content type: %j',
    async (type) => {
      expect(await status(post(text, { headers: { 'content-type': type } }))).toBe(415)
    },
  )

  it.each(['GET', 'PUT', 'HEAD', 'DELETE', 'PATCH'])('by %s', async (method) => {
    const body = method === 'GET' || method === 'HEAD' ? {} : { body: text }
    const response = await page.relay(new Request(relayUrl, { method, ...body }))
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{}',
    '{"v":2,"records":[]}',
    '{"v":1}',
    '{"v":1,"records":{}}',
    '{"v":1,"records":"x"}',
    '\u0000',
  ])('that is no envelope: %j', async (body) => {
    expect(await status(post(body))).toBe(400)
  })

  it('that is no UTF-8', async () => {
    expect(await status(post(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])))).toBe(400)
  })

  it.each([101, 100_000])('of %d records', async (count) => {
    expect(await status(post(envelope(Array.from({ length: count }, () => 0))))).toBe(413)
  })

  it('of records that are none', async () => {
    expect(
      await page.send(
        null,
        1,
        'x',
        [],
        {},
        { id: 'a' },
        { id: 'b', kind: 'event' },
        { id: 'c', kind: 'constructor', body: {} },
      ),
    ).toEqual({
      accepted: [],
      rejected: ['a', 'b', 'c'].map((id) => ({ id, reason: 'malformed' })),
    })
  })

  it('nested 200,000 deep', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    expect(await status(post(deep))).toBe(400)
    const nested = (body: string) =>
      envelope([event({ properties: { deep: 0 } }, { id: 'deep' })]).replace('"deep":0', `"deep":${body}`)
    for (const body of [deep, '{"a":'.repeat(200_000) + '0' + '}'.repeat(200_000)]) {
      const response = await page.relay(post(nested(body)))
      expect(await response.json()).toEqual({ accepted: [], rejected: [{ id: 'deep', reason: 'malformed' }] })
    }
    const inSpans = envelope([{ id: 's', kind: 'spans', body: { resourceSpans: 0 } }]).replace(
      '"resourceSpans":0',
      `"resourceSpans":${deep}`,
    )
    expect(await (await page.relay(post(inSpans))).json()).toMatchObject({
      rejected: [{ id: 's', reason: 'malformed' }],
    })
  })

  it('with prototype keys: they are data or refused, and pollute nothing', async () => {
    const raw = (body: string) => `{"v":1,"records":[${body}]}`
    const polluted = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    const base = '"event_id":"e9","event":"chat","user_id":"alice"'
    const reasons = async (body: string) =>
      (await (await page.relay(post(raw(body)))).json()) as { rejected: Array<{ reason: string }> }
    expect(
      (await reasons(`{"id":"p1","kind":"event","body":{${base},"__proto__":{"polluted":1}}}`)).rejected[0]?.reason,
    ).toBe('unknown_field')
    expect((await reasons(`{"id":"p2","kind":"__proto__","body":{}}`)).rejected[0]?.reason).toBe('malformed')
    expect((await reasons(`{"id":"p3","kind":"event","body":{},"__proto__":{"token":"x"}}`)).rejected[0]?.reason).toBe(
      'unknown_field',
    )
    expect((await reasons(`{"id":"p4","kind":"event","body":{${base},"properties":${polluted}}}`)).rejected).toEqual([])
    expect(
      (await reasons(`{"id":"p5","kind":"partial","body":{${base},"is_pending":true,"properties":${polluted}}}`))
        .rejected,
    ).toEqual([])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('with a header in it: no answer has a header of the sender', async () => {
    const response = await page.relay(
      post(envelope([event({ event_id: 'a\r\nSet-Cookie: b=c' })]), {
        headers: { 'x-forwarded-host': 'evil.example', cookie: 'a=b' },
      }),
    )
    expect([...response.headers.keys()].sort()).toEqual([
      'cache-control',
      'content-type',
      'vary',
      'x-content-type-options',
    ])
  })
})

describe('an attack with a body', () => {
  it.each(['agent', 'agent_internal'])('a signal of type %s', async (signal_type) => {
    expect(await refusal(signal({ signal_type }, { token: await tokens.mint('e1') }))).toBe('wrong_signal')
  })

  it.each([
    ['event', { received_at: '2026-01-01T00:00:00Z' }],
    ['ai_data', { ai_data: { input: 'x', system: 'y' } }],
    ['attachment', { attachments: [{ type: 'text', role: 'output', value: 'x', onload: 'y' }] }],
    ['$context', { properties: { $context: { library: { name: 'a', version: '1', x: 1 } } } }],
  ])('a field that the protocol does not know: %s', async (_, body) => {
    expect(await refusal(event(body))).toBe('unknown_field')
  })

  it.each(['$trace_id', '$', '$signal_id2', '$__proto__'])('a reserved property: %s', async (key) => {
    expect(await refusal(event({ properties: { [key]: 'x' } }))).toBe('reserved_property')
    expect(
      await refusal({ id: 'i', kind: 'identify', body: { user_id: 'alice', traits: { [key]: 1 } } } as never),
    ).toBe('reserved_property')
  })

  it('the reserved properties of the SDK itself pass, in their own shape', async () => {
    const good = {
      $truncated: ['properties.a'],
      $signal_id: 's1',
      $context: { library: { name: 'raindrop-js', version: '1' }, metadata: { jsRuntime: 'browser' } },
    }
    expect(await page.send(event({ properties: good }))).toMatchObject({ accepted: { length: 1 } })
    for (const bad of [{ $truncated: 'x' }, { $signal_id: {} }, { $context: 'x' }])
      expect((await page.send(event({ properties: bad }))).rejected[0]?.reason).toBe('malformed')
  })

  it('oversize text', async () => {
    expect(await refusal(event({ ai_data: { input: 'x'.repeat(1_000_001) } }))).toBe('too_large')
    expect(await refusal(event({ ai_data: { input: 'é'.repeat(600_000) } }))).toBe('too_large')
    expect(await refusal(event({ event: 'x'.repeat(257) }))).toBe('too_large')
    expect(await refusal(event({ properties: { ['k'.repeat(257)]: 1 } }))).toBe('too_large')
  })

  it.each([
    ['no user', { user_id: undefined }],
    ['a number for a name', { event: 7 }],
    ['neither input nor output', { ai_data: {} }],
    ['a date in words', { timestamp: 'yesterday' }],
    ['a year for a date', { timestamp: '2026' }],
    ['a list for properties', { properties: [1] }],
    ['flags that are no text', { feature_flags: { a: true } }],
    ['half of a pair', { properties: { a: '\ud800' } }],
  ])('an event with %s', async (_, body) => {
    expect(await refusal(event(body))).toBe('malformed')
  })

  it.each([
    ['an unknown type', { signal_type: 'admin' }],
    ['an unknown sentiment', { sentiment: 'GOOD' }],
    ['no name', { signal_name: undefined }],
    ['feedback without a comment', { signal_type: 'feedback' }],
    ['an edit without the text', { signal_type: 'edit' }],
  ])('a signal with %s', async (_, body) => {
    expect(await refusal(signal(body, { token: await tokens.mint('e1') }))).toBe('malformed')
  })
})

import { describe, expect, it } from 'vitest'
import { checkIngestRequest, type IngestRequest } from './ingest-request'

const headers = { Authorization: 'Bearer key' }
const event = { event_id: 'e1', event: 'chat', user_id: 'u1', properties: { $context: { library: { name: 'x' } } } }
const signal = { event_id: 'e1', signal_name: 'thumbs_up' }
const span = {
  traceId: 'IVYxUdUH+JDgPGDt4EjmAA==',
  spanId: 'ixU2dqiHMjE=',
  parentSpanId: 'w7XWGZsdHsE=',
  name: 'search',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
  attributes: [{ key: 'gen_ai.system' }],
}

function check(path: string, body: unknown, more: Partial<IngestRequest> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return checkIngestRequest({ path, headers, body: text, generateId: () => 'generated', ...more })
}

describe('who may send', () => {
  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic key', 'key'])('refuses the authorization %j', (authorization) => {
    expect(check('/v1/events/track', [event], { headers: { authorization } })).toMatchObject({
      status: 401,
      records: [],
    })
  })

  it.each(['wrong', 'ke', 'keykey', 'key2', 'kez'])('refuses the key %j where another is expected', (key) => {
    const request = { headers: { authorization: `Bearer ${key}` }, writeKey: 'key' }
    expect(check('/v1/events/track', [event], request).status).toBe(401)
  })

  it('takes the right key, and any where none is expected', () => {
    expect(check('/v1/events/track', [event], { writeKey: 'key' }).status).toBe(200)
    expect(check('/v1/events/track', [event], { headers: new Headers(headers) }).status).toBe(200)
    expect(check('/v1/events/track', [event], { writeKey: '' }).status).toBe(401)
  })

  it.each(['Upper', '-a', 'a-', 'a_b', 'a'.repeat(64), 'ä'])('refuses the project %j', (slug) => {
    const result = check('/v1/events/track', [event], { headers: { ...headers, 'X-Raindrop-Project-Id': slug } })
    expect(result).toMatchObject({ status: 400, records: [] })
  })

  it.each([
    ['shop', 'shop'],
    ['a', 'a'],
    ['a'.repeat(63), 'a'.repeat(63)],
    ['', 'default'],
    [undefined, 'default'],
  ])('files project %j under %j', (slug, projectId) => {
    const result = check('/v1/events/track', [event], { headers: { ...headers, 'x-raindrop-project-id': slug } })
    expect(result).toMatchObject({ status: 200, projectId })
  })
})

describe('what it answers', () => {
  it.each([
    ['/v1/events/track', [event, { ...event, event_id: 'e2' }], { events: [{ event_id: 'e1' }, { event_id: 'e2' }] }],
    ['/v1/events/track_partial', { event_id: 'e1', is_pending: true }, { events: [{ event_id: 'e1' }] }],
    ['/v1/signals/track', [signal], { success: true }],
    ['/v1/signals/track', signal, { success: true }],
    ['/v1/users/identify', { user_id: 'u1' }, { success: true }],
    ['/v1/users/identify', [{ user_id: 'u1' }], { success: true }],
    ['/v1/traces', { resourceSpans: [] }, {}],
    ['events/track/', [], { events: [] }],
  ])('%s with %j: 200 %j', (path, body, answer) => {
    expect(check(path, body)).toMatchObject({ status: 200, body: answer })
  })

  it.each([
    ['events/track', event, 'body: must be a JSON array of events'],
    ['events/track_partial', [{ event_id: 'e1' }], 'body: must be one JSON object, not an array'],
    ['traces', [], 'body: must be one JSON object, not an array'],
    ['events/track', '{', 'body: is not JSON'],
    ['events/track', '', 'body: is not JSON'],
    ['signals/track', 'null', 'must be a JSON object'],
    ['events/track', [event, { ...event, user_id: '' }], '[1].user_id: must not be empty'],
  ])('%s with %j: 400 %s', (path, body, error) => {
    expect(check(path, body)).toMatchObject({ status: 400, body: { error }, records: [] })
  })

  it('knows no other endpoint and no other method', () => {
    expect(check('/v1/live', {}).status).toBe(404)
    expect(check('/v1/events/track', [], { method: 'GET' }).status).toBe(405)
  })

  it('lets any page in, and answers its preflight', () => {
    const preflight = check('/v1/events/track', '', { method: 'OPTIONS', headers: {} })
    expect(preflight).toMatchObject({ status: 204, body: undefined })
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization')
    expect(check('/v1/events/track', []).headers['access-control-allow-origin']).toBe('*')
    expect(check('/v1/events/track', 'x').headers['access-control-allow-origin']).toBe('*')
  })
})

describe('how large a body may be', () => {
  /** Exactly `bytes` of UTF-8, most of them in two-byte letters. */
  function eventOf(bytes: number) {
    const room = bytes - JSON.stringify({ ...event, properties: { a: '' } }).length
    return { ...event, properties: { a: 'é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2) } }
  }
  const mebibyte = 1_048_576

  it('takes an item of 1 MiB and refuses one byte more, counted in bytes', () => {
    expect(check('events/track', [eventOf(mebibyte)]).status).toBe(200)
    const refused = check('events/track', [event, eventOf(mebibyte + 1)])
    expect(refused).toMatchObject({ status: 413, body: { path: '[1]' }, records: [] })
    expect(check('events/track_partial', eventOf(mebibyte + 1)).status).toBe(413)
  })

  it('takes more than 1 MiB in several items', () => {
    expect(check('events/track', [eventOf(700_000), eventOf(700_000)]).status).toBe(200)
  })

  it('measures spans one by one', () => {
    const large = { ...span, name: 'x'.repeat(700_000) }
    const document = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
    expect(check('traces', document(large, large)).status).toBe(200)
    expect(check('traces', document(span, { ...span, name: 'x'.repeat(mebibyte) }))).toMatchObject({
      status: 413,
      body: { path: 'resourceSpans[0].scopeSpans[0].spans[1]' },
    })
  })

  it('bounds the whole body', () => {
    expect(check('events/track', [event, event], { maxBodyBytes: 100 }).status).toBe(413)
    expect(check('/relay', { v: 1, records: [], pad: 'x'.repeat(2 * mebibyte) }).status).toBe(413)
  })
})

describe('what it hands on', () => {
  it('gives every record an id', () => {
    expect(check('events/track', [event]).records).toEqual([{ kind: 'event', id: 'e1', body: event }])
    expect(check('events/track', [{ event: 'chat', user_id: 'u1' }])).toMatchObject({
      body: { events: [{ event_id: 'generated' }] },
      records: [{ kind: 'event', id: 'generated', body: { event_id: 'generated' } }],
    })
    expect(check('users/identify', { user_id: 'u1' }).records).toMatchObject([{ kind: 'identify', id: 'u1' }])
  })

  it('knows a signal by its own id', () => {
    const properties = { $signal_id: 's1' }
    expect(check('signals/track', { ...signal, properties }).records).toEqual([
      { kind: 'signal', id: 's1', body: { ...signal, signal_type: 'default', properties } },
    ])
    expect(check('signals/track', signal).records).toMatchObject([{ id: 'generated' }])
  })

  it('knows a signal without an id of its own by its content, where that has a time', () => {
    const idOf = (body: object) => check('signals/track', body).records[0]?.id
    const timed = { ...signal, timestamp: '2026-11-20T11:28:39.048Z' }
    expect(idOf(timed)).toMatch(/^content:[0-9a-f]{16}$/)
    expect(idOf(timed)).toBe(idOf({ ...timed }))
    expect(idOf(timed)).not.toBe(idOf({ ...timed, timestamp: '2026-11-20T11:28:39.049Z' }))
    expect(idOf(timed)).not.toBe(idOf({ ...timed, event_id: 'e2' }))
  })

  it('splits traces into spans with hex ids', () => {
    const resource = { attributes: [] }
    const scope = { name: 's' }
    const body = {
      resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span, { ...span, spanId: '8B153676A8873232' }] }] }],
    }
    const { records } = check('traces', body)
    expect(records.map(({ id }) => id)).toEqual([
      '21563151d507f890e03c60ede048e600/8b153676a8873231',
      '21563151d507f890e03c60ede048e600/8b153676a8873232',
    ])
    expect(records[0]?.body).toEqual({
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              scope,
              spans: [
                {
                  ...span,
                  traceId: '21563151d507f890e03c60ede048e600',
                  spanId: '8b153676a8873231',
                  parentSpanId: 'c3b5d6199b1d1ec1',
                },
              ],
            },
          ],
        },
      ],
    })
  })

  it('passes the flags on with their place', () => {
    const { flags } = check('events/track', [event, { ...event, user_id: 'undefined' }])
    expect(flags).toEqual(['[1].user_id: is the text "undefined"'])
  })
})

describe('the relay', () => {
  const sentAt = '2026-11-20T11:28:39.048Z'
  const envelope = (...records: unknown[]) => ({ v: 1, sentAt, records })

  it('needs no key and answers per record', () => {
    const result = check(
      '/relay?z=1',
      envelope(
        { id: 'r1', kind: 'event', body: event },
        { id: 'r2', kind: 'signal', body: { ...signal, sentiment: 'GOOD' }, token: 't' },
        { id: 'r3', kind: 'signal', body: signal },
        { id: 'r4', kind: 'vote', body: {} },
        { id: 'r5', kind: 'partial', body: { event_id: 'e2', is_pending: true } },
        { id: 'r6', kind: 'identify', body: { user_id: 'u1' } },
        { id: 'r7', kind: 'spans', body: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } },
        { id: 'r8', kind: 'event', body: { ...event, event: 'x'.repeat(1_048_576) } },
      ),
      { headers: {} },
    )
    expect(result).toMatchObject({
      status: 200,
      body: {
        accepted: ['r1', 'r3', 'r5', 'r6', 'r7'],
        rejected: [
          { id: 'r2', reason: 'records[1].body.sentiment: expected ("POSITIVE" | "NEGATIVE"), received "GOOD"' },
          { id: 'r4', reason: 'records[3].kind: must be one of event, partial, signal, identify, spans' },
          { id: 'r8', reason: 'records[7].body: is larger than 1048576 bytes' },
        ],
      },
    })
    expect(result.records.map(({ kind, id }) => [kind, id])).toEqual([
      ['event', 'e1'],
      ['signal', 'r3'],
      ['partial', 'e2'],
      ['identify', 'u1'],
      ['spans', '21563151d507f890e03c60ede048e600/8b153676a8873231'],
    ])
  })

  it('puts a record without an id in neither list', () => {
    const result = check(
      '/relay',
      envelope({ kind: 'event', body: event }, null, { id: 'r1', kind: 'event', body: event }),
    )
    expect(result).toMatchObject({ status: 200, body: { accepted: ['r1'], rejected: [] } })
    expect(result.flags).toEqual([
      'records[0].id: is missing, the record was not taken',
      'records[1].id: is missing, the record was not taken',
    ])
  })

  it('flags more records than an envelope may hold', () => {
    const records = Array.from({ length: 101 }, (_, index) => ({ id: `r${index}`, kind: 'event', body: event }))
    expect(check('/relay', envelope(...records)).flags).toEqual(['records: more than 100'])
  })

  it.each([
    ['[]', 'body: must be a JSON object'],
    ['{"v":2,"records":[]}', 'v: must be 1'],
    ['{"v":1}', 'records: must be an array'],
    ['nonsense', 'body: is not JSON'],
  ])('refuses the envelope %s', (text, error) => {
    expect(check('/relay', text)).toMatchObject({ status: 400, body: { error }, records: [] })
  })
})

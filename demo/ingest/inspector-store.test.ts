import type { IngestRecord } from 'raindrop-js/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from './database'
import type { EventFilter } from './event-filter'
import { createEventStore, type EventStore } from './event-store'
import { openPGlite } from './pglite-database'
import { openPostgres } from './postgres-database'
import { findPostgres, startPostgres, type TestPostgres } from './test-postgres'

let made = 0
const event = (id: string, body: Record<string, unknown> = {}): IngestRecord => ({
  kind: 'event',
  id,
  body: { event_id: id, event: 'chat', user_id: 'u1', ...body },
})
const ai = (fields: Record<string, unknown>) => ({ ai_data: { input: 'hi', ...fields } })
const signal = (id: string, eventId: string, name: string, properties: Record<string, unknown> = {}): IngestRecord => ({
  kind: 'signal',
  id,
  body: { event_id: eventId, signal_name: name, properties: { $signal_id: id, ...properties } },
})
const spanRecord = (spanId: string, attributes: Record<string, string>, traceId = 'a'.repeat(32)): IngestRecord => ({
  kind: 'spans',
  id: `${traceId}/${spanId}`,
  body: {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId,
                name: spanId,
                startTimeUnixNano: '1795174119049500000',
                endTimeUnixNano: '1795174119054000000',
                attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
                status: { code: 2, message: 'no' },
              },
            ],
          },
        ],
      },
    ],
  },
})

function inspectorContract(open: () => Promise<Database>): void {
  let store: EventStore
  beforeAll(async () => {
    store = await createEventStore(await open())
  }, 60_000)
  afterAll(() => store.close())

  /** A prefix of its own keeps the tests of one store apart. */
  const unique = () => `t${++made}x`
  const found = async (filter: EventFilter, limit = 50) =>
    (await store.list({ limit, filter })).events.map(({ eventId }) => eventId)

  it('filters by each thing, and by several at once', async () => {
    const t = unique()
    await store.ingest([
      event(`${t}a`, { event: `${t}chat`, user_id: `${t}u`, ...ai({ model: `${t}m`, convo_id: `${t}c` }) }),
      event(`${t}b`, { event: `${t}search`, user_id: `${t}u`, properties: { 'error.message': 'no' } }),
      signal(`${t}s`, `${t}a`, `${t}up`),
      { kind: 'partial', id: `${t}p`, body: { event_id: `${t}p`, event: 'chat', user_id: `${t}u`, is_pending: true } },
    ])
    expect(await found({ user: `${t}u` })).toEqual([`${t}p`, `${t}b`, `${t}a`])
    expect(await found({ name: `${t}chat` })).toEqual([`${t}a`])
    expect(await found({ model: `${t}m` })).toEqual([`${t}a`])
    expect(await found({ convo: `${t}c` })).toEqual([`${t}a`])
    expect(await found({ signal: `${t}up` })).toEqual([`${t}a`])
    expect(await found({ user: `${t}u`, state: 'failed' })).toEqual([`${t}b`])
    expect(await found({ user: `${t}u`, state: 'open' })).toEqual([`${t}p`])
    expect(await found({ user: `${t}u`, state: 'finished' })).toEqual([`${t}b`, `${t}a`])
    expect(await found({ user: `${t}u`, model: `${t}m`, signal: `${t}up`, text: 'hi' })).toEqual([`${t}a`])
    expect(await found({ user: `${t}u`, signal: 'none' })).toEqual([])
  })

  it('pages through a filter with cursors, each event once', async () => {
    const t = unique()
    const ids = Array.from({ length: 9 }, (_, index) => `${t}-${index}`)
    for (const id of ids) await store.ingest([event(id, { user_id: t })])
    const pages: string[][] = []
    for (let before: string | undefined, more = true; more;) {
      const page = await store.list({ limit: 4, filter: { user: t }, ...(before && { before }) })
      pages.push(page.events.map(({ eventId }) => eventId))
      before = page.nextCursor ?? undefined
      more = before !== undefined
    }
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 1])
    expect(pages.flat()).toEqual(ids.toReversed())
  })

  it('finds words by their beginnings in input and output, before and after they are indexed', async () => {
    const t = unique()
    await store.ingest([
      event(`${t}1`, ai({ input: `See docs/${t}guide.md, it's Ünïcode`, output: 'and SELECT * from' })),
      event(`${t}2`, ai({ input: `${t}guide`, output: `the ${t}answer` })),
    ])
    const look = async () => {
      expect(await found({ text: `${t}GUIDE` })).toEqual([`${t}2`, `${t}1`])
      expect(await found({ text: `${t}gui` })).toEqual([`${t}2`, `${t}1`])
      expect(await found({ text: `${t}guide ${t}ans` })).toEqual([`${t}2`])
      expect(await found({ text: `${t}guide ünïco` })).toEqual([`${t}1`])
      expect(await found({ text: `${t}nothing` })).toEqual([])
      expect(await found({ text: `${t}1` })).toEqual([`${t}1`])
    }
    await look()
    await store.indexed()
    await look()
  })

  it.each(["' | :* & !", '\\', '%_', '', '😀', `a'; drop table events`])(
    'takes %s as a text to search for',
    async (text) => {
      await expect(found({ text })).resolves.toBeInstanceOf(Array)
    },
  )

  it('finds the text that an interaction has now, not the one that it had', async () => {
    const t = unique()
    const part = (output: string, pending: boolean, second: number): IngestRecord => ({
      kind: 'partial',
      id: t,
      body: {
        event_id: t,
        user_id: 'u1',
        ai_data: { output },
        timestamp: `2026-11-20T10:00:0${second}Z`,
        is_pending: pending,
      },
    })
    await store.ingest([part(`${t}first`, true, 1)])
    await store.indexed()
    await store.ingest([part(`${t}second`, false, 2)])
    await store.indexed()
    expect(await found({ text: `${t}first` })).toEqual([])
    expect(await found({ text: `${t}second` })).toEqual([t])
  })

  it('takes ids and names of any length', async () => {
    const t = unique()
    const long = Array.from({ length: 4_000 }, () => Math.random().toString(36)[2]).join('')
    const id = `${t}${long}`
    await store.ingest([
      event(id, { event: long, user_id: long, ...ai({ model: long, convo_id: long }) }),
      signal(`${t}${long}`, id, long),
      { kind: 'identify', id: long, body: { user_id: long, traits: { plan: 'free' } } },
    ])
    await store.ingest([event(id, { event: long, user_id: long })])
    const [only, ...others] = await found({ user: long })
    expect(others).toEqual([])
    expect((await store.get(only!))?.signalList).toHaveLength(1)
  })

  it('lists conversations by their newest event, with what happened in them', async () => {
    const t = unique()
    const turn = (id: string, convo: string, input: string) =>
      event(id, { user_id: t, ...ai({ input, convo_id: convo }) })
    await store.ingest([turn(`${t}1`, `${t}a`, 'first of a')])
    await store.ingest([turn(`${t}2`, `${t}b`, 'first of b')])
    await store.ingest([turn(`${t}3`, `${t}a`, 'second of a')])
    await store.ingest([
      signal(`${t}s1`, `${t}1`, 'thumbs_up'),
      signal(`${t}s2`, `${t}1`, 'thumbs_down', { replaces: `${t}s1` }),
    ])
    const page = await store.conversations({ limit: 1, user: t })
    expect(page.conversations).toMatchObject([
      { convoId: `${t}a`, events: 2, firstInput: 'first of a', lastInput: 'second of a', positive: 0, negative: 1 },
    ])
    const next = await store.conversations({ limit: 1, user: t, before: page.nextCursor! })
    expect(next).toMatchObject({ conversations: [{ convoId: `${t}b`, events: 1 }], nextCursor: null })
  })

  it('gives an event with its traits, its signals and the spans of its trace', async () => {
    const t = unique()
    const trace = Buffer.from(t.padEnd(16, 'z')).toString('hex')
    await store.ingest([
      event(t, { user_id: t, properties: { trace_id: Buffer.from(trace, 'hex').toString('base64') } }),
      { kind: 'identify', id: t, body: { user_id: t, traits: { plan: 'paid' } } },
      signal(`${t}1`, t, 'thumbs_up'),
      signal(`${t}2`, t, 'feedback_retracted', { retracts: `${t}1` }),
      spanRecord(
        'b'.repeat(16),
        { 'traceloop.association.properties.event_id': t, 'traceloop.span.kind': 'tool' },
        trace,
      ),
      spanRecord('c'.repeat(16), {}, trace),
      spanRecord('d'.repeat(16), { 'traceloop.association.properties.event_id': 'another' }, trace),
    ])
    const stored = await store.get(t)
    expect(stored).toMatchObject({ traits: { plan: 'paid' }, signals: 2, positive: 0, spans: 1 })
    expect(stored?.signalList.map(({ superseded }) => superseded)).toEqual([true, false])
    expect(stored?.trace.map(({ spanId, kind }) => [spanId, kind])).toEqual([
      ['b'.repeat(16), 'tool'],
      ['c'.repeat(16), null],
    ])
    expect(stored?.trace[0]).toMatchObject({ error: 'no', startMs: 1_795_174_119_049.5, endMs: 1_795_174_119_054 })
  })

  it('gives signals in the order in which they were given, also when they arrived together', async () => {
    const t = unique()
    const given = (id: string, second: number): IngestRecord => {
      const record = signal(id, t, 'thumbs_up')
      return { ...record, body: { ...record.body, timestamp: `2026-11-20T10:00:0${second}Z` } }
    }
    await store.ingest([event(t), given(`${t}b`, 1), given(`${t}c`, 3), given(`${t}a`, 2)])
    expect((await store.get(t))?.signalList.map(({ signalId }) => signalId)).toEqual([`${t}b`, `${t}a`, `${t}c`])
  })

  it('exports what the filter holds, whole and in pages', async () => {
    const t = unique()
    await store.ingest(Array.from({ length: 120 }, (_, index) => event(`${t}-${index}`, { user_id: t })))
    const pages: number[] = []
    const ids = new Set<string>()
    for await (const page of store.export({ user: t })) {
      pages.push(page.length)
      for (const { eventId } of page) ids.add(eventId)
    }
    expect(pages).toEqual([100, 20])
    expect(ids.size).toBe(120)
  })

  it('names what can be chosen', async () => {
    const t = unique()
    await store.ingest([event(t, { event: t, ...ai({ model: t }) }), signal(t, t, t)])
    const facets = await store.facets()
    expect([facets.events, facets.models, facets.signals].every((values) => values.includes(t))).toBe(true)
    expect(new Set(facets.events).size).toBe(facets.events.length)
  })
}

/** On a store of its own: sums are of everything. */
function overviewContract(open: () => Promise<Database>): void {
  let store: EventStore
  let database: Database
  beforeAll(async () => {
    database = await open()
    store = await createEventStore(database)
  }, 60_000)
  afterAll(() => store.close())

  const sums = async () => {
    const { points, models } = await store.overview('1h')
    const { start: _, ...total } = points.reduce<Record<string, number>>((all, point) => {
      for (const [name, value] of Object.entries(point))
        if (typeof value === 'number') all[name] = (all[name] ?? 0) + value
      return all
    }, {})
    return { total, models: Object.fromEntries(models.map(({ model, ...rest }) => [model, rest])) }
  }

  it('counts an interaction once however its parts come, and moves it from open to finished', async () => {
    const part = (body: object): IngestRecord => ({
      kind: 'partial',
      id: 'i1',
      body: { event_id: 'i1', user_id: 'u1', event: 'chat', ...body },
    })
    await store.ingest([part({ ai_data: { input: 'hi' }, is_pending: true })])
    expect((await sums()).total).toMatchObject({ events: 1, interactions: 1, open_interactions: 1 })
    const last = part({
      ai_data: { output: 'ho', model: 'm1' },
      properties: { 'ai.usage.prompt_tokens': 10, 'ai.usage.completion_tokens': 5, 'error.type': 'E' },
      is_pending: false,
    })
    await store.ingest([last])
    await store.ingest([last])
    const { total, models } = await sums()
    expect(total).toMatchObject({ events: 1, open_interactions: 0, errors: 1, input_tokens: 10, output_tokens: 5 })
    expect(models.m1).toMatchObject({ events: 1 })
    expect(models['']).toMatchObject({ events: 0 })
  })

  it('counts a vote for the model of its event, also when the vote comes first', async () => {
    await store.ingest([signal('v1', 'later', 'thumbs_up')])
    await store.ingest([event('later', ai({ model: 'm2' }))])
    await store.ingest([signal('v2', 'later', 'thumbs_down')])
    const { models } = await sums()
    expect(models.m2).toMatchObject({ signals: 2, positive: 1, negative: 1 })
  })

  it('counts only the last opinion, in whichever order the changes arrive', async () => {
    const before = (await sums()).total
    const changes = [
      signal('w1', 'i1', 'thumbs_up'),
      signal('w2', 'i1', 'thumbs_down', { replaces: 'w1' }),
      signal('w3', 'i1', 'user_feedback', { comment: 'no' }),
    ]
    for (const change of changes.toReversed()) await store.ingest([change])
    const after = (await sums()).total
    expect(after.positive! - before.positive!).toBe(0)
    expect(after.negative! - before.negative!).toBe(1)
    expect(after.signals! - before.signals!).toBe(3)
    // A vote on another event cannot take it back.
    await store.ingest([signal('w4', 'later', 'feedback_retracted', { retracts: 'w2' })])
    expect((await sums()).total.negative).toBe(after.negative)
  })

  it('puts the delay of the delivery into its step', async () => {
    const ago = (seconds: number) => ({ timestamp: new Date(Date.now() - seconds * 1_000).toISOString() })
    await store.ingest([event('d1', ago(-60)), event('d2', ago(30)), event('d3', ago(7_200))])
    expect((await sums()).total).toMatchObject({ delay_1s: 1, delay_1m: 1, delay_more: 1 })
  })

  it('has the same sums as the rows that they were made from', async () => {
    const [row] = await database.query<{ events: number; open: number; signals: number }>(
      `select (select count(*) from events)::int as events, (select count(*) from events where pending)::int as open,
         (select count(*) from signals)::int as signals`,
    )
    for (const range of ['1h', '24h', 'all'] as const) {
      const { points } = await store.overview(range)
      const total = (name: 'events' | 'open_interactions' | 'signals') =>
        points.reduce((sum, point) => sum + point[name], 0)
      expect([total('events'), total('open_interactions'), total('signals')], range).toEqual([
        row?.events,
        row?.open,
        row?.signals,
      ])
    }
  })

  it('counts what a store of the first version holds', async () => {
    const expected = await sums()
    for (const statement of [
      'delete from schema_version where version > 1',
      'drop table buckets, event_words, text_queue',
      'drop index events_open, events_failed, events_model, signals_name, signals_supersedes, spans_event, spans_trace',
      'alter table events drop column name, drop column user_id, drop column convo_id, drop column model',
      'alter table signals drop column name, drop column rating, drop column supersedes, drop column superseded, drop column model',
      'alter table spans drop column trace_id, drop column event_id',
    ])
      await database.query(statement)
    const again = await createEventStore(database)
    expect((await again.overview('1h')).models.map(({ model }) => model).sort()).toEqual(
      Object.keys(expected.models)
        .filter((model) => model !== '' || expected.models[''])
        .sort(),
    )
    expect((await sums()).total).toEqual(expected.total)
    await again.indexed()
    expect((await again.list({ limit: 5, filter: { text: 'ho' } })).events.map(({ eventId }) => eventId)).toEqual([
      'i1',
    ])
  })
}

describe('the inspector on PGlite', () => inspectorContract(() => openPGlite()))
describe('the overview on PGlite', () => overviewContract(() => openPGlite()))

const binaries = findPostgres()
const why = binaries ? '' : ' (SKIPPED: no PostgreSQL here; with Debian: apt-get install postgresql)'

describe.skipIf(!binaries)(`the inspector on PostgreSQL${why}`, () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres(binaries!)
  }, 60_000)
  afterAll(() => postgres.stop())

  describe('reading', () => inspectorContract(() => openPostgres(postgres.connectionString)))

  it('adds up right while two processes write votes, replacements and their events', async () => {
    const open = async () => createEventStore(await openPostgres(postgres.connectionString))
    const [one, two] = await Promise.all([open(), open()])
    const ids = Array.from({ length: 60 }, (_, index) => `race-${index}`)
    await Promise.all(
      ids.flatMap((id) => [
        one.ingest([event(id, ai({ model: 'race' }))]),
        two.ingest([signal(`${id}-up`, id, 'thumbs_up')]),
        one.ingest([signal(`${id}-down`, id, 'thumbs_down', { replaces: `${id}-up` })]),
      ]),
    )
    const model = (await one.overview('all')).models.find(({ model }) => model === 'race')
    expect(model).toMatchObject({ events: 60, signals: 120 })
    expect(model).toMatchObject({ positive: 0, negative: 60 })
    await Promise.all([one.close(), two.close()])
  })
})

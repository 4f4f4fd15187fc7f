import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IngestRecord } from 'raindrop-js/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventStore, type EventStore } from './event-store'
import { openPGlite } from './pglite-database'
import { openPostgres } from './postgres-database'
import { findPostgres, startPostgres, type TestPostgres } from './test-postgres'

const partial = (id: string, body: object): IngestRecord => ({ kind: 'partial', id, body: { event_id: id, ...body } })
const event = (id: string, body: object = {}): IngestRecord => ({
  kind: 'event',
  id,
  body: { event_id: id, event: 'chat', user_id: 'u1', ai_data: { input: 'hi' }, ...body },
})
const signal = (id: string, eventId: string, body: object = {}): IngestRecord => ({
  kind: 'signal',
  id,
  body: { event_id: eventId, signal_name: 'thumbs_up', properties: { $signal_id: id }, ...body },
})
const passage = (value: string) => ({ type: 'text', role: 'input', value })

/** One interaction as a client sends it, in four parts. */
const parts = (id: string) => [
  partial(id, { event: 'chat', user_id: 'u1', ai_data: { input: 'why?' }, is_pending: true }),
  partial(id, {
    user_id: 'u1',
    properties: { stage: 'search' },
    attachments: [passage('a'), passage('b')],
    is_pending: true,
  }),
  partial(id, { user_id: 'u1', ai_data: { output: 'bec' }, is_pending: true }),
  partial(id, { user_id: 'u1', ai_data: { output: 'because' }, properties: { tokens: 3 }, is_pending: false }),
]

const whole = (id: string) => ({
  event_id: id,
  event: 'chat',
  user_id: 'u1',
  ai_data: { input: 'why?', output: 'because' },
  properties: { stage: 'search', tokens: 3 },
  attachments: [passage('a'), passage('b')],
  is_pending: false,
})

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}

function storeContract(open: () => Promise<EventStore>): void {
  let store: EventStore
  beforeAll(async () => {
    store = await open()
    // The first start of PGlite takes seconds on a loaded machine.
  }, 60_000)
  afterAll(() => store.close())

  it('folds partials into the same finished event in every order, repeats included', async () => {
    for (const [index, order] of permutations(parts('')).entries()) {
      const id = `order-${index}`
      const records = order.map(({ body }) => partial(id, { ...body, event_id: id }))
      for (const record of [...records, records[0]!]) await store.ingest([record])
      expect((await store.get(id))?.body, `order ${index}`).toEqual(whole(id))
    }
  })

  it('folds several partials of one event in one batch', async () => {
    await store.ingest(parts('batch'))
    expect((await store.get('batch'))?.body).toEqual(whole('batch'))
  })

  it('never reopens a finished event, and still takes what it did not know', async () => {
    await store.ingest([event('closed', { ai_data: { input: 'hi', output: 'final' } })])
    await store.ingest([
      partial('closed', { ai_data: { output: 'late' }, properties: { late: true }, is_pending: true }),
    ])
    const stored = await store.get('closed')
    expect(stored?.pending).toBe(false)
    expect(stored?.body).toMatchObject({ ai_data: { output: 'final' }, properties: { late: true } })
  })

  it('changes nothing on a repeat, the time of the last change included', async () => {
    await store.ingest([event('repeat'), signal('repeat-1', 'repeat')])
    const before = await store.get('repeat')
    await store.ingest([event('repeat'), signal('repeat-1', 'repeat')])
    expect(await store.get('repeat')).toEqual(before)
  })

  it('keeps one signal per signal id, also when it comes before its event', async () => {
    await store.ingest([
      signal('s1', 'voted'),
      signal('s1', 'voted'),
      signal('s2', 'voted', { signal_name: 'thumbs_down' }),
    ])
    await store.ingest([event('voted'), signal('s1', 'voted')])
    const stored = await store.get('voted')
    expect(stored?.signals).toBe(2)
    expect(stored?.signalList.map(({ signalId }) => signalId)).toEqual(['s1', 's2'])
  })

  it('pages from the newest to the oldest, and new arrivals move nothing', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `page-${index}`)
    for (const id of ids) await store.ingest([event(id)])
    const first = await store.list({ limit: 3 })
    await store.ingest([event('page-late')])
    const second = await store.list({ limit: 4, before: first.nextCursor! })
    expect([...first.events, ...second.events].map(({ eventId }) => eventId)).toEqual(ids.toReversed())
  })

  it('says on the last page that it is the last', async () => {
    expect((await store.list({ limit: 200 })).nextCursor).toBeNull()
  })

  it('stores text that Postgres cannot hold as text that it can', async () => {
    const deep = Array.from({ length: 5_000 }).reduce<object>((inner) => ({ inner }), {})
    await store.ingest([
      event('odd', { ai_data: { input: 'a\u0000b \uD83D!' }, properties: { 'k\u0000': '😀', deep } }),
    ])
    const body = (await store.get('odd'))?.body
    expect(body).toMatchObject({ ai_data: { input: 'a\uFFFDb \uFFFD!' }, properties: { 'k\uFFFD': '😀' } })
  })

  it('takes users and spans, and takes them again', async () => {
    const records: IngestRecord[] = [
      { kind: 'identify', id: 'u9', body: { user_id: 'u9', traits: { plan: 'free' } } },
      { kind: 'identify', id: 'u9', body: { user_id: 'u9', traits: { plan: 'paid' } } },
      { kind: 'spans', id: 't/s', body: { resourceSpans: [] } },
    ]
    await expect(store.ingest(records)).resolves.toBeUndefined()
    await expect(store.ingest(records)).resolves.toBeUndefined()
  })

  it('announces what changed, and not what did not', async () => {
    const heard: (readonly string[] | null)[] = []
    await store.onChange((eventIds) => heard.push(eventIds))
    await store.ingest([event('news')])
    await store.ingest([event('news')])
    await store.ingest([signal('news-1', 'news'), signal('news-2', 'news')])
    await expect.poll(() => heard).toEqual([['news'], ['news']])
  })
}

describe('event store on PGlite', () => {
  storeContract(async () => createEventStore(await openPGlite()))

  it('still has everything after a restart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'raindrop-pglite-'))
    try {
      const before = await createEventStore(await openPGlite(directory))
      await before.ingest(parts('kept'))
      await before.close()
      const after = await createEventStore(await openPGlite(directory))
      expect((await after.get('kept'))?.body).toEqual(whole('kept'))
      await after.close()
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

const binaries = findPostgres()
const why = binaries ? '' : ' (SKIPPED: no PostgreSQL here; with Debian: apt-get install postgresql)'

describe.skipIf(!binaries)(`event store on PostgreSQL${why}`, () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres(binaries!)
  }, 60_000)
  afterAll(() => postgres.stop())

  const open = async () => createEventStore(await openPostgres(postgres.connectionString))

  it('creates its tables once when several processes start at the same time', async () => {
    const stores = await Promise.all([open(), open(), open()])
    await expect(Promise.all(stores.map((store) => store.list({ limit: 1 })))).resolves.toHaveLength(3)
    await Promise.all(stores.map((store) => store.close()))
  })

  storeContract(open)

  it('loses no part of an event that two processes write at the same time', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const ids = Array.from({ length: 40 }, (_, index) => `shared-${index}`)
    const sends = [0, 1, 2, 3].flatMap((part) => {
      const records = ids.map((id) => parts(id)[part]!)
      return [
        one.ingest(records),
        two.ingest(records.toReversed()),
        two.ingest([signal(`sig-${part}`, ids[part]!)]),
        one.ingest([signal(`sig-${part}`, ids[part]!)]),
      ]
    })
    await Promise.all(sends)
    for (const [index, id] of ids.entries()) {
      const stored = await one.get(id)
      expect(stored?.body).toEqual(whole(id))
      expect(stored?.signals).toBe(index < 4 ? 1 : 0)
    }
    await Promise.all([one.close(), two.close()])
  })

  it('hears what another process stored', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const heard: (readonly string[] | null)[] = []
    await one.onChange((eventIds) => heard.push(eventIds))
    await two.ingest([event('elsewhere')])
    await expect.poll(() => heard).toEqual([['elsewhere']])
    await Promise.all([one.close(), two.close()])
  })
})

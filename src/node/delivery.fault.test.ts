import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startIngestServer, type FaultMode, type FaultOptions, type IngestServer } from 'raindrop-js/testing'
import { fileQueue, Raindrop, type RaindropError, type RaindropOptions } from './index.js'

const EVENTS = 1_000
const workshop = mkdtempSync(join(tmpdir(), 'raindrop-fault-'))
afterAll(() => rmSync(workshop, { recursive: true, force: true }))

const stores: ReadonlyArray<readonly [string, () => RaindropOptions['storage']]> = [
  ['memory', () => 'memory'],
  ['fileQueue', () => fileQueue(mkdtempSync(join(workshop, 'queue-')))],
]

async function open(
  storage: RaindropOptions['storage'],
  options: RaindropOptions = {},
  server: { writeKey?: string } = {},
) {
  const ingest = await startIngestServer(server)
  const errors: RaindropError[] = []
  const raindrop = new Raindrop({
    writeKey: 'rk',
    endpoint: ingest.url,
    storage: storage ?? 'memory',
    requestTimeoutMs: 1_500,
    onError: (error) => errors.push(error),
    ...options,
  })
  return { ingest, raindrop, errors }
}

function track(raindrop: Raindrop, count = EVENTS): string[] {
  return Array.from({ length: count }, (_, index) =>
    raindrop.trackAi({ event: 'chat', userId: `u${index % 7}`, input: `question ${index}`, output: 'an answer' }),
  )
}

/** Everything arrived, under its own id, with what was tracked. */
function expectAll(ingest: IngestServer, ids: readonly string[]): void {
  const events = ingest.events()
  expect(events.map(({ eventId }) => eventId).toSorted()).toEqual(ids.toSorted())
  const inputs = new Map(events.map(({ eventId, body }) => [eventId, body.ai_data.input]))
  ids.forEach((id, index) => expect(inputs.get(id)).toBe(`question ${index}`))
}

const faults: ReadonlyArray<
  readonly [name: string, mode: FaultMode, options: FaultOptions, taken: 'once' | 'repeated']
> = [
  ['503 three times', 'status', { status: 503, times: 3 }, 'once'],
  ['429 with Retry-After twice', 'status', { status: 429, retryAfterSeconds: 1, times: 2 }, 'once'],
  [
    '429 with a date twice',
    'status',
    { status: 429, retryAfter: new Date(Date.now() + 1_000).toUTCString(), times: 2 },
    'once',
  ],
  ['three resets', 'reset', { times: 3 }, 'once'],
  ['one hang', 'hang', { times: 1 }, 'once'],
  ['413 over 40 kB', 'status', { status: 413, overBytes: 40_000 }, 'once'],
  ['three lost answers', 'lost', { times: 3 }, 'repeated'],
  ['a captive portal', 'garbage', { times: 3 }, 'once'],
  ['a body that never ends', 'slow-body', { times: 1 }, 'repeated'],
  ['answers after 500 ms', 'slow', { delayMs: 500 }, 'once'],
]

describe.each(stores)('with %s', (_name, storage) => {
  describe('1,000 of 1,000 events arrive, once each by id, under', () => {
    it.concurrent.each(faults)('%s', { timeout: 60_000 }, async (_fault, mode, options, taken) => {
      const { ingest, raindrop } = await open(storage())
      ingest.fault(mode, options)
      const ids = track(raindrop)
      const report = await raindrop.flush({ timeoutMs: 30_000 })
      expect(report).toEqual({ delivered: EVENTS, pending: 0, dropped: 0 })
      expectAll(ingest, ids)
      if (taken === 'once') expect(ingest.records).toHaveLength(EVENTS)
      else expect(ingest.records.length).toBeGreaterThan(EVENTS)
      expect(raindrop.stats()).toMatchObject({ tracked: EVENTS, delivered: EVENTS, pending: 0 })
      await raindrop.shutdown()
      await ingest.close()
    })
  })

  it.concurrent(
    'survives an ingest that is down for longer than all quick tries, and comes back on its port',
    { timeout: 60_000 },
    async () => {
      const { ingest, raindrop, errors } = await open(storage())
      await ingest.close()
      const ids = track(raindrop, 300)
      const early = await raindrop.flush({ timeoutMs: 3_000 })
      expect(early).toEqual({ delivered: 0, pending: 300, dropped: 0 })
      const back = await startIngestServer({ port: ingest.port })
      ids.push(
        ...Array.from({ length: 50 }, (_, index) =>
          raindrop.trackAi({ event: 'chat', userId: 'u', input: `question ${300 + index}` }),
        ),
      )
      // By itself: nobody flushes.
      await vi.waitFor(() => expect(raindrop.stats().pending).toBe(0), { timeout: 20_000 })
      expectAll(back, ids)
      expect(back.records).toHaveLength(350)
      expect(errors).toMatchObject([{ code: 'network' }])
      await raindrop.shutdown()
      await back.close()
    },
  )

  it.concurrent(
    'holds everything while the key is refused, and delivers once it is taken',
    { timeout: 60_000 },
    async () => {
      const { ingest, raindrop, errors } = await open(storage())
      ingest.fault('status', { status: 401 })
      const ids = track(raindrop)
      expect(await raindrop.flush()).toEqual({ delivered: 0, pending: EVENTS, dropped: 0 })
      const tries = ingest.requests.length
      expect(await raindrop.flush()).toEqual({ delivered: 0, pending: EVENTS, dropped: 0 })
      expect(ingest.requests.slice(tries).map(({ body }) => body.length)).toEqual([1])
      expect(errors).toMatchObject([{ code: 'unauthorised' }])
      ingest.fault('ok')
      expect(await raindrop.flush()).toEqual({ delivered: EVENTS, pending: 0, dropped: 0 })
      expectAll(ingest, ids)
      await raindrop.shutdown()
      await ingest.close()
    },
  )

  it.concurrent('delivers through a relay that cuts, refuses and answers garbage', { timeout: 60_000 }, async () => {
    for (const [mode, options] of [
      ['lost', { times: 2 }],
      ['garbage', { times: 2 }],
      ['status', { status: 503, times: 2 }],
    ] as const) {
      const ingest = await startIngestServer()
      const raindrop = new Raindrop({
        relay: ingest.relayUrl,
        storage: storage() ?? 'memory',
        onError: () => undefined,
      })
      ingest.fault(mode, options)
      const ids = track(raindrop, 300)
      expect(await raindrop.flush()).toEqual({ delivered: 300, pending: 0, dropped: 0 })
      expectAll(ingest, ids)
      await raindrop.shutdown()
      await ingest.close()
    }
  })

  it.concurrent('finishes an interaction whose first part was refused', { timeout: 60_000 }, async () => {
    const { ingest, raindrop } = await open(storage(), { partialDebounceMs: 20, uploadIntervalMs: 20 })
    ingest.fault('status', { status: 503, times: 1 })
    const interactions = Array.from({ length: 20 }, (_, index) =>
      raindrop.begin({ event: 'chat', userId: 'u', input: `${index}` }),
    )
    await ingest.nextRequest()
    for (const interaction of interactions) interaction.finish('done')
    await raindrop.flush()
    const events = ingest.events()
    expect(events).toHaveLength(20)
    for (const { pending, body } of events)
      expect({ pending, output: body.ai_data.output }).toEqual({ pending: false, output: 'done' })
    const last = new Map(ingest.records.map(({ id, body }) => [id, body.is_pending]))
    expect([...last.values()].every((isPending) => isPending === false)).toBe(true)
    await raindrop.shutdown()
    await ingest.close()
  })

  describe('shutdown', () => {
    it.concurrent('ends at its deadline while requests hang', { timeout: 20_000 }, async () => {
      const { ingest, raindrop } = await open(storage(), { requestTimeoutMs: 10_000 })
      ingest.fault('hang')
      track(raindrop, 300)
      const from = performance.now()
      const report = await raindrop.shutdown({ timeoutMs: 1_000 })
      const tookMs = performance.now() - from
      expect(tookMs).toBeGreaterThanOrEqual(990)
      expect(tookMs).toBeLessThan(1_500)
      const { tracked, delivered, pending, dropped } = raindrop.stats()
      expect(tracked).toBe(delivered + pending + dropped.shutdown)
      // On disk it waits for the next start; in memory it is lost, and that is said.
      expect(report.pending).toBe(pending)
      expect(report.delivered + report.pending + report.dropped).toBe(300)
      expect(raindrop.stats().storage === 'memory' ? dropped.shutdown : pending).toBe(300)
      await ingest.close()
    })

    it.concurrent('does not end early while a try can still help', { timeout: 30_000 }, async () => {
      const { ingest, raindrop } = await open(storage())
      ingest.fault('status', { status: 503 })
      setTimeout(() => ingest.fault('ok'), 3_000)
      const ids = track(raindrop, 100)
      // The tries by the table end at 2.5 s; the next would come at 4.5 s.
      expect(await raindrop.shutdown({ timeoutMs: 4_200 })).toEqual({ delivered: 100, pending: 0, dropped: 0 })
      expectAll(ingest, ids)
      await ingest.close()
    })

    it.concurrent('counts what is tracked later, and sends none of it', { timeout: 20_000 }, async () => {
      const { ingest, raindrop } = await open(storage())
      track(raindrop, 5)
      const [first, second] = await Promise.all([raindrop.shutdown(), raindrop.shutdown()])
      expect(second).toEqual(first)
      raindrop.trackAi({ event: 'chat', userId: 'u', input: 'late' })
      raindrop.begin({ event: 'chat', userId: 'u' }).finish('late')
      expect(raindrop.stats()).toMatchObject({ tracked: 7, delivered: 5, pending: 0, dropped: { shutdown: 2 } })
      expect(await raindrop.flush()).toEqual({ delivered: 0, pending: 0, dropped: 0 })
      expect(ingest.records).toHaveLength(5)
      await ingest.close()
    })
  })
})

describe('two clients in one process', () => {
  const twoStores = [
    ['memory each', () => ['memory', 'memory']],
    [
      'one fileQueue directory',
      () => {
        const directory = mkdtempSync(join(workshop, 'shared-'))
        return [fileQueue(directory), fileQueue(directory)]
      },
    ],
    [
      'one fileQueue',
      () => {
        const queue = fileQueue(mkdtempSync(join(workshop, 'shared-')))
        return [queue, queue]
      },
    ],
  ] as const

  it.each(twoStores)(
    'never mix records, interactions or contexts, with %s',
    { timeout: 30_000 },
    async (_name, open) => {
      const ingests = [
        await startIngestServer({ writeKey: 'rk_a' }),
        await startIngestServer({ writeKey: 'rk_b' }),
      ] as const
      const queues = open() as ReadonlyArray<NonNullable<RaindropOptions['storage']>>
      const clients = (['a', 'b'] as const).map(
        (name, index) =>
          new Raindrop({
            writeKey: `rk_${name}`,
            projectId: `project-${name}`,
            endpoint: ingests[index]!.url,
            storage: queues[index]!,
            userId: `user_${name}`,
            convoId: `convo_${name}`,
            onError: () => undefined,
          }),
      )
      ingests[0].fault('status', { status: 503, times: 2 })
      clients.forEach((raindrop, index) => {
        const name = 'ab'[index]!
        for (let count = 0; count < 40; count++) raindrop.trackAi({ event: name, input: name })
        raindrop.interaction('answer')(() => {
          const begun = raindrop.begin({ event: name, eventId: 'same-id', input: name })
          const other = clients[1 - index]!
          expect(raindrop.resumeInteraction()).toBe(begun)
          expect(other.resumeInteraction('same-id')).not.toBe(begun)
          expect(other.resumeInteraction().id).not.toBe('same-id')
          begun.finish(name)
        })()
      })
      // What the other client resumed without an id is an interaction of its own: never finished here.
      await Promise.all(clients.map((raindrop) => raindrop.flush()))
      for (const [index, ingest] of ingests.entries()) {
        const name = 'ab'[index]!
        expect(ingest.events().filter(({ body }) => body.event === name)).toHaveLength(41)
        for (const { body } of ingest.events()) expect([`user_${name}`, undefined]).toContain(body.user_id)
        for (const { headers } of ingest.requests) {
          expect(headers).toMatchObject({
            authorization: `Bearer rk_${name}`,
            'x-raindrop-project-id': `project-${name}`,
          })
        }
        expect(ingest.requests.every(({ status }) => status === 200 || status === 503)).toBe(true)
        expect(clients[index]!.stats().pending).toBe(0)
      }
      await Promise.all(clients.map((raindrop) => raindrop.shutdown()))
      for (const ingest of ingests) await ingest.close()
    },
  )
})

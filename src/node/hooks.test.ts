import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, startIngestServer } from 'raindrop-js/testing'
import { Raindrop, type DeliveryReport, type OutgoingItem, type RaindropError } from './index.js'

describe('beforeSend', () => {
  it('sees the body as it will be sent, and can redact it', async () => {
    const seen: OutgoingItem[] = []
    const raindrop = createTestRaindrop({
      beforeSend(item) {
        seen.push(structuredClone(item))
        if (item.kind === 'event' && item.body.ai_data) item.body.ai_data.input = '[redacted]'
        return item
      },
    })
    raindrop.trackAi({ event: 'e', userId: 'u', input: 'my secret', timestamp: new Date(0) })
    await raindrop.flush()
    expect(seen).toMatchObject([
      {
        kind: 'event',
        body: { timestamp: '1970-01-01T00:00:00.000Z', ai_data: { input: 'my secret' }, properties: { $context: {} } },
      },
    ])
    expect(raindrop.requests[0]?.body[0].ai_data.input).toBe('[redacted]')
  })

  it('drops what it returns null for, or throws at, and nothing beside it', async () => {
    const errors: RaindropError[] = []
    const reports: DeliveryReport[] = []
    const raindrop = createTestRaindrop({
      onError: (error) => errors.push(error),
      onDelivery: (report) => reports.push(report),
      beforeSend(item) {
        if (item.body['event'] === 'throw') throw new Error('mine')
        return item.body['event'] === 'drop' ? null : item
      },
    })
    for (const event of ['keep', 'drop', 'throw', 'keep']) raindrop.track({ event, userId: 'u' })
    await raindrop.flush()
    expect(raindrop.stats()).toMatchObject({ tracked: 4, delivered: 2, dropped: { before_send: 2 } })
    expect(errors.map(({ code }) => code)).toEqual(['before_send'])
    expect(reports.filter(({ reason }) => reason === 'before_send')).toHaveLength(2)
  })

  it('that gives a promise or something else drops the item and says so', async () => {
    for (const wrong of [async (item: OutgoingItem) => item, () => ({ a: 1 }), () => undefined]) {
      const errors: RaindropError[] = []
      const raindrop = createTestRaindrop({ beforeSend: wrong as never, onError: (error) => errors.push(error) })
      raindrop.track({ event: 'e', userId: 'u' })
      await raindrop.flush()
      expect(raindrop.requests).toEqual([])
      expect(errors).toMatchObject([{ code: 'before_send', message: expect.stringContaining('must be synchronous') }])
      expect(raindrop.stats().dropped.before_send).toBe(1)
    }
  })

  it('cannot change ids, nor break the batch with values that JSON cannot hold', async () => {
    const raindrop = createTestRaindrop({
      beforeSend(item) {
        const body = item.body as Record<string, any>
        Object.assign(body, { event_id: 'forged', user_id: 'forged' })
        body['properties'] = { big: 1n, body }
        return item
      },
    })
    const id = raindrop.track({ event: 'e', userId: 'u' })
    const signal = raindrop.trackSignal({ eventId: id, name: 'thumbs_up' })
    await raindrop.flush()
    const bodies = raindrop.requests.flatMap(({ body }) => body)
    expect(bodies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event_id: id, user_id: 'u', properties: expect.objectContaining({ big: '1' }) }),
        expect.objectContaining({ event_id: id, properties: expect.objectContaining({ $signal_id: signal }) }),
      ]),
    )
  })

  it('runs once on what is folded, so that a hash is not hashed again', async () => {
    const raindrop = createTestRaindrop({
      beforeSend(item) {
        const data = item.body['ai_data'] as { input?: string } | undefined
        if (data?.input) data.input = `<${data.input}>`
        return item
      },
    })
    raindrop.goOffline()
    const interaction = raindrop.begin({ event: 'e', userId: 'u', input: 'i' })
    const flushed = raindrop.flush({ timeoutMs: 300 })
    interaction.finish('o')
    await flushed
    raindrop.goOnline()
    await raindrop.flush()
    const last = raindrop.requests.at(-1)
    expect(last?.body).toMatchObject({ ai_data: { input: '<i>', output: 'o' }, is_pending: false })
  })
})

describe('onDelivery', () => {
  it('tells of each kind and outcome, with the ids that the calls gave', async () => {
    const reports: DeliveryReport[] = []
    const raindrop = createTestRaindrop({ onDelivery: (report) => reports.push(report) })
    const event = raindrop.track({ event: 'e', userId: 'u' })
    const signal = raindrop.trackSignal({ eventId: event, name: 'n' })
    raindrop.identify({ userId: 'u' })
    await raindrop.flush()
    expect(reports).toEqual(
      expect.arrayContaining([
        { outcome: 'delivered', kind: 'event', ids: [event], status: expect.any(Number) },
        { outcome: 'delivered', kind: 'signal', ids: [signal], status: expect.any(Number) },
        { outcome: 'delivered', kind: 'identify', ids: ['u'], status: expect.any(Number) },
      ]),
    )
  })

  it('may throw without harm', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const raindrop = createTestRaindrop({
      onDelivery: () => {
        throw new Error('mine')
      },
    })
    raindrop.track({ event: 'e', userId: 'u' })
    expect(await raindrop.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    expect(error).toHaveBeenCalledWith(expect.stringContaining('onDelivery threw: mine'))
    error.mockRestore()
  })
})

describe('hooks that are async', () => {
  it('may reject without ending the process', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const failing = (() => Promise.reject(new Error('mine'))) as () => void
    const raindrop = createTestRaindrop({ onDelivery: failing, onError: failing })
    raindrop.track({ event: 'e' } as never)
    raindrop.track({ event: 'e', userId: 'u' })
    await raindrop.flush()
    await new Promise((resolve) => setImmediate(resolve))
    expect(error.mock.calls.flat().join()).toMatch(/onError threw \(mine\).*onDelivery threw: mine/)
    error.mockRestore()
  })
})

describe('settings at run time', () => {
  it('hold for what already waits', async () => {
    const raindrop = createTestRaindrop({ uploadIntervalMs: 3_600_000 })
    const sent = new Promise<void>((resolve) => {
      raindrop.store.subscribe(({ stats }) => stats.delivered === 2 && resolve())
    })
    raindrop.track({ event: 'e', userId: 'u' })
    raindrop.track({ event: 'e', userId: 'u' })
    raindrop.configure({ uploadSize: 1 })
    await sent
    expect(raindrop.requests).toHaveLength(1)
  })
})

describe('the store', () => {
  it('shows the counters, to readers and to subscribers', async () => {
    const raindrop = createTestRaindrop()
    const seen: number[] = []
    const unsubscribe = raindrop.store.subscribe(({ stats }) => seen.push(stats.delivered))
    raindrop.track({ event: 'e', userId: 'u' })
    expect(raindrop.store.getState().stats).toMatchObject({ tracked: 1, pending: 1 })
    expect(raindrop.store.getState()).toBe(raindrop.store.getState())
    await raindrop.flush()
    expect(raindrop.store.getState().stats).toEqual(raindrop.stats())
    expect(seen.at(-1)).toBe(1)
    unsubscribe()
    expect(raindrop.store.getInitialState().stats.tracked).toBe(0)
  })
})

describe('debug logs', () => {
  it('name kind, id, event and decision, never content or key', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const raindrop = createTestRaindrop({ writeKey: 'rk_secret', onError: () => undefined })
    raindrop.track({ event: 'quiet', userId: 'u' })
    raindrop.setDebugLogs(true)
    const id = raindrop.trackAi({ event: 'chat', userId: 'u', input: 'hush', properties: { password: 'hush' } })
    await raindrop.flush()
    raindrop.setDebugLogs(false)
    raindrop.track({ event: 'quiet', userId: 'u' })
    const lines = log.mock.calls.map(([line]) => String(line))
    expect(lines[0]).toMatch(new RegExp(`^\\[raindrop\\] queued event ${id} chat ~\\d+ B$`))
    expect(lines.some((line) => line.startsWith('[raindrop] delivered event') && line.includes(id))).toBe(true)
    expect(lines.join('\n')).not.toMatch(/hush|secret|queued event .* quiet/)
    log.mockRestore()
  })
})

describe('identity of the client', () => {
  it('sends project, wizard session and context where the protocol wants them', async () => {
    const raindrop = createTestRaindrop({ projectId: 'my-app', wizardSession: 'w1', writeKey: 'rk_1' })
    raindrop.trackAi({ event: 'e', userId: 'u', input: 'i' })
    raindrop.trackSignal({ eventId: 'e', name: 'n' })
    await raindrop.flush()
    const [signal, event] = raindrop.requests
    expect(event?.headers).toMatchObject({
      authorization: 'Bearer rk_1',
      'x-raindrop-project-id': 'my-app',
      'content-type': 'application/json',
    })
    expect(event?.body[0].properties).toMatchObject({
      'raindrop.wizardSession': 'w1',
      $context: { library: { name: 'raindrop-js' }, metadata: { jsRuntime: 'node', nodeVersion: process.version } },
    })
    expect(signal?.body[0].properties.$context).toBeUndefined()
  })

  it('forgets the default user at reset, and keeps or purges what is queued', async () => {
    const raindrop = createTestRaindrop({ userId: 'a', onError: () => undefined })
    raindrop.track({ event: 'kept' } as never)
    raindrop.reset()
    raindrop.track({ event: 'lost' } as never)
    await raindrop.flush()
    expect(raindrop.requests.flatMap(({ body }) => body)).toMatchObject([{ event: 'kept', user_id: 'a' }])
    raindrop.track({ event: 'purged', userId: 'b' })
    raindrop.reset({ purge: true })
    expect(await raindrop.flush()).toEqual({ delivered: 0, pending: 0, dropped: 1 })
    expect(raindrop.stats()).toMatchObject({
      tracked: 3,
      delivered: 1,
      pending: 0,
      dropped: { invalid: 1, disabled: 1 },
    })
  })

  it('makes ids with generateId, and its own where that fails', () => {
    const raindrop = createTestRaindrop({ generateId: () => 'mine' })
    expect(raindrop.track({ event: 'e', userId: 'u' })).toBe('mine')
    const broken = createTestRaindrop({
      generateId: () => {
        throw new Error('x')
      },
    })
    expect(broken.track({ event: 'e', userId: 'u' })).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })
})

describe('the local debugger', () => {
  const closing: Array<() => Promise<unknown>> = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  it('is shown everything, without key and project', async () => {
    const seen: Array<{ url: string; headers: Record<string, unknown> }> = []
    let arrived = (): void => undefined
    const all = new Promise<void>((resolve) => (arrived = resolve))
    const server = createServer((request, response) => {
      seen.push({ url: request.url ?? '', headers: request.headers })
      request.resume().on('end', () => response.end('{}'))
      if (seen.length === 2) arrived()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => server.close(resolve)))
    const { port } = server.address() as AddressInfo
    const raindrop = createTestRaindrop({
      localDebugger: `http://127.0.0.1:${port}/v1`,
      projectId: 'my-app',
      writeKey: 'rk_secret',
    })
    raindrop.trackAi({ event: 'e', userId: 'u', input: 'i' })
    raindrop.begin({ event: 'e', userId: 'u' }).finish()
    await raindrop.flush()
    await all
    expect(seen.map(({ url }) => url).sort()).toEqual(['/v1/events/track', '/v1/events/track_partial'])
    expect(JSON.stringify(seen)).not.toMatch(/rk_secret|authorization|project/i)
  })

  it('is silent and costs nothing when nobody listens, or never answers', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const ingest = await startIngestServer()
    closing.push(() => ingest.close())
    const deaf = await startIngestServer()
    closing.push(() => deaf.close())
    deaf.fault('hang')
    for (const localDebugger of ['http://127.0.0.1:9/v1/', deaf.url]) {
      const raindrop = new Raindrop({ writeKey: 'k', endpoint: ingest.url, localDebugger })
      raindrop.track({ event: 'e', userId: 'u' })
      expect(await raindrop.shutdown({ timeoutMs: 1_000 })).toEqual({ delivered: 1, pending: 0, dropped: 0 })
    }
    expect(error).not.toHaveBeenCalled()
    error.mockRestore()
  })
})

describe('serverless hosts', () => {
  it('are asked to wait until what was tracked is sent, once a burst', async () => {
    const kept: Array<Promise<unknown>> = []
    const raindrop = createTestRaindrop({ waitUntil: (work) => kept.push(work) })
    for (let index = 0; index < 5; index++) raindrop.track({ event: 'e', userId: 'u' })
    expect(kept).toHaveLength(1)
    await kept[0]
    expect(raindrop.stats()).toMatchObject({ delivered: 5, pending: 0 })
    raindrop.track({ event: 'e', userId: 'u' })
    await Promise.all(kept)
    expect(kept).toHaveLength(2)
    expect(raindrop.stats().delivered).toBe(6)
  })

  it('are asked to wait for an interaction that is only begun', async () => {
    const kept: Array<Promise<unknown>> = []
    const raindrop = createTestRaindrop({ waitUntil: (work) => kept.push(work) })
    raindrop.begin({ event: 'e', userId: 'u' })
    await Promise.all(kept)
    expect(raindrop.requests).toHaveLength(1)
  })

  it.each([
    ['@vercel/request-context', (waitUntil: (work: Promise<unknown>) => void) => ({ get: () => ({ waitUntil }) })],
    ['__cloudflare-request-context__', (waitUntil: (work: Promise<unknown>) => void) => ({ ctx: { waitUntil } })],
  ])('are found by %s', async (name, contextOf) => {
    const host = globalThis as unknown as Record<symbol, unknown>
    const kept: Array<Promise<unknown>> = []
    host[Symbol.for(name)] = contextOf((work) => kept.push(work))
    try {
      const raindrop = createTestRaindrop()
      raindrop.begin({ event: 'e', userId: 'u' }).finish()
      await Promise.all(kept)
      expect(raindrop.stats().delivered).toBe(1)
    } finally {
      delete host[Symbol.for(name)]
    }
  })

  it('whose waitUntil throws do not break the call', async () => {
    const errors: RaindropError[] = []
    const raindrop = createTestRaindrop({
      onError: (error) => errors.push(error),
      waitUntil: () => {
        throw new Error('outside of a request')
      },
    })
    raindrop.track({ event: 'e', userId: 'u' })
    expect(errors).toHaveLength(1)
    expect(await raindrop.flush()).toMatchObject({ delivered: 1 })
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { transform } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, type TestRaindrop } from 'raindrop-js/testing'
import { createTracing, type TracingOptions } from 'raindrop-js/tracing'
import type { RaindropOptions } from 'raindrop-js'
import { tracingOf } from '../core/span-tracing.js'
import { byName, sentSpans } from '../../test/support/sent-spans.js'

const start = (tracing: TracingOptions = {}, options: RaindropOptions = {}): TestRaindrop =>
  createTestRaindrop({ tracing: createTracing(tracing), ...options })

async function spansOf(raindrop: TestRaindrop) {
  await raindrop.flush()
  return sentSpans(raindrop.requests)
}
const onlySpan = async (raindrop: TestRaindrop) => {
  const spans = await spansOf(raindrop)
  expect(spans).toHaveLength(1)
  return spans[0]!
}
const output = 'traceloop.entity.output'
const input = 'traceloop.entity.input'

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

afterEach(() => void vi.unstubAllEnvs())

describe('a span ends with what its function gives', () => {
  it('a value, at once', async () => {
    const raindrop = start()
    expect(raindrop.tool('t')((a: number) => a + 1)(1)).toBe(2)
    expect((await onlySpan(raindrop)).attributes).toMatchObject({ [input]: '{"args":[1],"kwargs":{}}', [output]: '2' })
  })

  it('a promise, when it settles', async () => {
    const raindrop = start()
    const promise = raindrop.tool('t')(() => sleep(10, 'late'))()
    expect(await spansOf(raindrop)).toEqual([])
    expect(await promise).toBe('late')
    expect((await onlySpan(raindrop)).attributes[output]).toBe('late')
  })

  it('a generator, when it is done, with all it yielded', async () => {
    const raindrop = start()
    const steps = raindrop.tool('t')(function* (most: number): Generator<number, string, string> {
      for (let i = 0; i < most; i++) expect(yield i).toBe('next')
      return 'end'
    })(2)
    expect(steps.next('first')).toEqual({ done: false, value: 0 })
    expect(steps.next('next')).toEqual({ done: false, value: 1 })
    expect(await spansOf(raindrop)).toEqual([])
    expect(steps.next('next')).toEqual({ done: true, value: 'end' })
    expect((await onlySpan(raindrop)).attributes[output]).toBe('[0,1]')
  })

  it('an async generator, when it is done or left', async () => {
    const raindrop = start()
    const stream = raindrop.tool('t')(async function* () {
      for (const token of ['a', 'b', 'c']) {
        await sleep(1)
        yield token
      }
    })
    for await (const token of stream()) if (token === 'b') break
    expect((await onlySpan(raindrop)).attributes[output]).toBe('["a","b"]')
  })

  it('a promise with methods of its own stays what it is, and a lazy one runs once', async () => {
    class Query extends Promise<string> {
      static runs = 0
      rows = 3
    }
    const { then } = Promise.prototype
    // oxlint-disable-next-line unicorn/no-thenable -- a query that runs when it is awaited
    void Object.defineProperty(Query.prototype, 'then', {
      value(this: Query, ...settled: Parameters<Query['then']>) {
        Query.runs++
        return then.apply(this, settled)
      },
    })
    const raindrop = start()
    const query = raindrop.tool('t')(() => new Query((resolve) => resolve('rows')))()
    expect(query).toBeInstanceOf(Query)
    expect([query.rows, Query.runs]).toEqual([3, 0])
    expect(await query).toBe('rows')
    expect((await onlySpan(raindrop)).attributes[output]).toBe('rows')
  })

  const fail = (): never => {
    throw new Error('not to be looked at')
  }
  it.each([
    // oxlint-disable-next-line unicorn/no-thenable -- a hostile one
    ['a getter `then` that throws', () => Object.defineProperty({}, 'then', { get: fail })],
    ['a proxy that throws', () => new Proxy({}, { has: fail, get: fail, ownKeys: fail, getPrototypeOf: fail })],
    ['a revoked proxy', revoked],
    ['a frozen iterator', () => Object.freeze([1].values())],
    ['a frozen iterable', () => Object.freeze({ next: () => ({ done: true, value: 1 }), [Symbol.iterator]: fail })],
    // oxlint-disable-next-line unicorn/no-thenable -- a query that runs when it is awaited
    ['a frozen query', () => Object.freeze({ then: () => undefined })],
  ])('what cannot be watched stays what it is, and the span ends (%s)', async (_kind, make) => {
    const raindrop = start()
    const result: unknown = make()
    expect(raindrop.withTool('t', () => result) === result).toBe(true)
    expect((await onlySpan(raindrop)).status).toMatchObject({ code: 1 })
    const untraced = createTestRaindrop()
    expect(untraced.withTool('t', () => result) === result).toBe(true)
    expect(untraced.begin({ event: 'e', userId: 'u' }).run(() => result) === result).toBe(true)
  })

  it('a native promise with methods of its own stays what it is', async () => {
    const raindrop = start()
    const promise = Object.assign(sleep(1, 'late'), { json: () => 'json' })
    const got = raindrop.withTool('t', () => promise)
    expect(got).toBe(promise)
    expect([await got, got.json()]).toEqual(['late', 'json'])
    expect((await onlySpan(raindrop)).attributes[output]).toBe('late')
  })

  it('and so does one that fails', async () => {
    const raindrop = start()
    const error = new Error('no')
    const promise = Object.assign(Promise.reject(error), { json: () => 'json' })
    const got = raindrop.withTool('t', () => promise)
    expect(got).toBe(promise)
    await expect(got).rejects.toBe(error)
    expect((await onlySpan(raindrop)).status).toMatchObject({ code: 2, message: 'no' })
  })

  it.each([
    [
      'sync',
      (raindrop: TestRaindrop, error: unknown) =>
        raindrop.tool('t')(() => {
          throw error
        })(),
    ],
    [
      'async',
      (raindrop: TestRaindrop, error: unknown) =>
        raindrop.tool('t')(async () => {
          await sleep(1)
          throw error
        })(),
    ],
    [
      'withTask',
      (raindrop: TestRaindrop, error: unknown) =>
        raindrop.withTask('t', () => {
          throw error
        }),
    ],
    [
      'generator',
      (raindrop: TestRaindrop, error: unknown) => [
        ...raindrop.tool('t')(function* () {
          yield 1
          throw error
        })(),
      ],
    ],
    [
      'async generator',
      async (raindrop: TestRaindrop, error: unknown) => {
        for await (const _ of raindrop.tool('t')(async function* () {
          yield 1
          throw error
        })());
      },
    ],
  ])('an error: recorded, and thrown as the same object (%s)', async (_kind, run) => {
    class NoSuchCity extends Error {}
    for (const error of [new NoSuchCity('Atlantis'), 'a text', undefined, null, { code: 7 }]) {
      const raindrop = start()
      let thrown: unknown = 'nothing'
      try {
        await run(raindrop, error)
      } catch (caught) {
        thrown = caught
      }
      expect(thrown).toBe(error)
      const span = await onlySpan(raindrop)
      expect(span.status.code).toBe(2)
      expect(span.events).toMatchObject([{ name: 'exception' }])
      if (error instanceof Error)
        expect(span.attributes).toMatchObject({ 'error.type': 'NoSuchCity', 'error.message': 'Atlantis' })
    }
  })

  it('a rejection that nobody handles is still seen by the runtime', async () => {
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const seen = new Promise((resolve) => process.once('unhandledRejection', resolve))
    const error = new Error('lost')
    void start().tool('t')(() => Promise.reject(error))()
    expect(await seen).toBe(error)
    for (const listener of listeners) process.on('unhandledRejection', listener)
  })

  it('using', async () => {
    const raindrop = start()
    {
      using span = raindrop.begin({ event: 'chat', userId: 'u' }).startSpan({ kind: 'tool', name: 't' })
      span.recordOutput(1)
    }
    expect((await onlySpan(raindrop)).attributes[output]).toBe('1')
  })

  it('end() once: what comes later changes nothing and sends nothing', async () => {
    const raindrop = start()
    const span = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e' }).startSpan({ kind: 'task', name: 't' })
    span.recordOutput('first').end()
    span
      .recordInput(1)
      .recordOutput(2)
      .setProperties({ a: 1 })
      .end({ error: new Error('x') })
    const { attributes, status } = await onlySpan(raindrop)
    expect(attributes).toMatchObject({ [output]: 'first' })
    expect(attributes).not.toHaveProperty([input])
    expect([status.code, span.eventId]).toEqual([1, 'e'])
  })
})

describe('method decorators', () => {
  it('keep this, and make a span for each call', async () => {
    const raindrop = start()
    const source = `class Shop {
      tax = 2
      @raindrop.tool('price') async price(net) { return net * this.tax }
      @raindrop.task('list') *list() { yield this.tax }
      @raindrop.interaction('serve') serve() { return [...this.list()] }
    }
    return Shop`
    const { code } = await transform(`export default function (raindrop) { ${source} }`, {
      loader: 'ts',
      target: 'es2022',
    })
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      default: (raindrop: TestRaindrop) => new () => any
    }
    const Shop = module.default(raindrop)
    expect(await new Shop().price(21)).toBe(42)
    expect(new Shop().serve()).toEqual([2])
    const { price, list, serve } = byName(await spansOf(raindrop))
    expect(price?.attributes[output]).toBe('42')
    expect(list?.parentSpanId).toBe(serve?.spanId)
  })
})

describe('content', () => {
  it('is a snapshot: what is changed later is not recorded', async () => {
    const raindrop = start()
    const data = { list: [1] }
    const span = raindrop.begin({ event: 'chat', userId: 'u' }).startSpan({ kind: 'tool', name: 't' }).recordInput(data)
    data.list.push(2)
    span.end()
    expect((await onlySpan(raindrop)).attributes[input]).toBe('{"list":[1]}')
  })

  it('may be anything', async () => {
    const raindrop = start()
    const cyclic: Record<string, unknown> = {
      big: 10n,
      at: new Date(0),
      map: new Map([['a', 1]]),
      bytes: new Uint8Array(3),
    }
    cyclic['self'] = cyclic
    raindrop.withTool('t', (span) => void span.recordInput(cyclic).recordOutput(undefined))
    const { attributes } = await onlySpan(raindrop)
    expect(JSON.parse(attributes[input])).toEqual({
      big: '10',
      at: '1970-01-01T00:00:00.000Z',
      map: { a: 1 },
      bytes: '[binary 3 bytes]',
      self: '[Circular]',
    })
    expect(attributes).not.toHaveProperty([output])
  })

  it.each([
    ['a tool', 'tool'],
    ['a task', 'task'],
  ] as const)('is cut at maxContentChars, with a mark (%s)', async (_what, kind) => {
    const raindrop = start({ maxContentChars: 100 })
    raindrop[kind]('t')(() => '😀'.repeat(100))()
    const { attributes } = await onlySpan(raindrop)
    expect(attributes[output]).toMatch(/^(😀)+\.\.\.\[truncated by raindrop\]$/u)
    expect(attributes[output].length).toBeLessThanOrEqual(100)
  })

  it('obeys OpenTelemetry’s own limit of the environment, tools included', async () => {
    vi.stubEnv('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', '60')
    const raindrop = start()
    for (const kind of ['tool', 'task'] as const) raindrop[kind](kind)(() => 'x'.repeat(100))()
    for (const span of await spansOf(raindrop)) expect(span.attributes[output]).toHaveLength(60)
  })

  it('is left out with recordContent: false', async () => {
    const raindrop = start()
    raindrop.tool('t', { recordContent: false })((secret: string) => secret)('s3cret')
    raindrop.withTask('u', { recordContent: false }, (span) => void span.recordInput('s3cret').recordOutput('s3cret'))
    await raindrop.flush()
    expect(sentSpans(raindrop.requests)).toHaveLength(2)
    expect(JSON.stringify(raindrop.requests)).not.toContain('s3cret')
  })

  it('passes beforeSend, which may change or drop it', async () => {
    const raindrop = start(
      {},
      {
        beforeSend: (item) => {
          if (item.kind !== 'spans') return item
          const json = JSON.stringify(item.body)
          return json.includes('drop me')
            ? null
            : { ...item, body: JSON.parse(json.replaceAll('jane@example.com', '[email]')) }
        },
      },
    )
    raindrop.withTool('kept', () => 'jane@example.com')
    raindrop.withTask('kept too', () => 'jane@example.com')
    raindrop.withTool('dropped', () => 'drop me')
    const spans = await spansOf(raindrop)
    expect(spans.map(({ name, attributes }) => [name, attributes[output]])).toEqual([
      ['kept', '[email]'],
      ['kept too', '[email]'],
    ])
    expect(raindrop.stats()).toMatchObject({ tracked: 3, delivered: 2, dropped: { before_send: 1 } })
  })

  it('over 1 MiB is cut, not lost', async () => {
    const raindrop = start()
    raindrop.withTool('t', (span) => void span.recordInput('é'.repeat(900_000)).recordOutput('é'.repeat(900_000)))
    expect((await onlySpan(raindrop)).attributes[output]).toMatch(/\.\.\.\[truncated by raindrop\]$/)
  })
})

describe('what is recorded', () => {
  it('trackTool: a call that already happened', async () => {
    const raindrop = start()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    interaction.trackTool({ name: 'a', input: { q: 1 }, output: 'x', durationMs: 250, startTime: new Date(1_000) })
    interaction.trackTool({ name: 'b', durationMs: 50 })
    interaction.trackTool({ name: 'c', error: new RangeError('x'), properties: { retries: 2 } })
    const { a, b, c } = byName(await spansOf(raindrop))
    expect(a).toMatchObject({
      startMs: 1_000,
      endMs: 1_250,
      attributes: { 'traceloop.entity.duration_ms': 250, [input]: '{"q":1}', [output]: 'x' },
    })
    expect(b!.endMs - b!.startMs).toBeCloseTo(50)
    expect(c).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'RangeError', 'traceloop.association.properties.retries': '2' },
    })
  })

  it('wrong calls as well as they can be, and nothing is thrown', async () => {
    const errors: string[] = []
    const raindrop = start({}, { onError: ({ code }) => errors.push(code) })
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    for (const call of [
      null,
      undefined,
      {},
      { name: 7 },
      { name: 'n', durationMs: Number.NaN, startTime: new Date('x') },
    ]) {
      interaction.trackTool(call as never)
      interaction.startSpan(call as never).end({ error: null })
    }
    interaction.trackTool({ name: 'n', durationMs: -5, startTime: 'now' as never, properties: 3 as never })
    raindrop.withTool('', null as never, (span) => span.setProperties(null as never).recordInput(Symbol('x')))
    raindrop.withTask(undefined as never, { version: 'two' as never, properties: null as never }, () => undefined)
    const spans = await spansOf(raindrop)
    expect(errors).toEqual([])
    expect(spans).toHaveLength(11)
    for (const span of spans) expect(span.endMs - span.startMs).toBeGreaterThanOrEqual(0)
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(['tool', 'task', '7', 'n']))
  })

  it('nothing without a plug-in: every call runs its function', async () => {
    const raindrop = createTestRaindrop()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
    interaction.trackTool({ name: 'a' })
    interaction.startSpan({ kind: 'tool', name: 'b' }).recordInput(1).end()
    expect(interaction.withTool('c', (span) => span.traceId)).toBeUndefined()
    interaction.finish('x')
    await raindrop.flush()
    expect(raindrop.requests.map(({ path }) => path)).toEqual(['/v1/events/track_partial'])
    expect(raindrop.requests[0]?.body.properties).not.toHaveProperty('trace_id')
  })

  it('a span outside any interaction: a root span without an event id', async () => {
    const raindrop = start()
    raindrop.withTool('alone', () => 1)
    raindrop.task('lonely')(() => 1)()
    const spans = await spansOf(raindrop)
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2)
    expect(JSON.stringify(spans)).not.toContain('event_id')
  })

  it('no resource attribute but the service’s name', async () => {
    for (const options of [{}, { registerGlobally: false, serviceName: 'shop' }, { bypassOtelForTools: false }]) {
      const raindrop = start(options)
      raindrop.interaction('i')(() => raindrop.withTask('t', () => raindrop.withTool('u', () => 1)))()
      const spans = await spansOf(raindrop)
      expect(spans).toHaveLength(3)
      for (const { resource, service } of spans)
        expect([resource, service]).toEqual([['service.name'], options.serviceName ?? 'raindrop-js'])
    }
  })

  it('options that cannot work are refused at once', () => {
    expect(() => createTracing({ provider: {} as never })).toThrow(/TracerProvider/)
    expect(() => createTracing({ maxContentChars: 0 })).toThrow(/over 0/)
  })
})

describe('an integration of this package', () => {
  it('records spans on a client that has no plug-in, and through the plug-in where there is one', async () => {
    for (const options of [{}, { tracing: createTracing() }]) {
      const raindrop = createTestRaindrop(options)
      const tracing = tracingOf(raindrop)
      const own = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e' })
      own.run(() =>
        tracing.run({ kind: 'task', name: 'program' }, () => tracing.run({ kind: 'tool', name: 'tool' }, () => 1)),
      )
      const { program, tool } = byName(await spansOf(raindrop))
      expect(tool).toMatchObject({
        parentSpanId: program?.spanId,
        attributes: { 'ai.telemetry.metadata.raindrop.eventId': 'e' },
      })
    }
  })
})

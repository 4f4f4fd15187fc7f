import { context, trace, type Context, type TracerProvider } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestRaindrop, type TestRaindrop } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { Raindrop, type RaindropOptions } from 'raindrop-js'
import { byName, sentSpans } from '../../test/support/sent-spans.js'

/** One flow with a span of each kind, in which the host makes spans of its own as well. */
function flow(raindrop: TestRaindrop, name: string): void {
  const host = trace.getTracer('host')
  const work = () => host.startActiveSpan(`host in ${name}`, (span) => span.end())
  raindrop.interaction(name)(() => {
    raindrop.begin({ event: 'chat', userId: 'u', eventId: name }).finish('x')
    work()
    raindrop.withTask(`${name} task`, () => raindrop.withTool(`${name} tool`, work))
  })()
}
const ours = (name: string) => [name, `${name} task`, `${name} tool`].sort()

async function spansOf(raindrop: TestRaindrop) {
  await raindrop.flush()
  return byName(sentSpans(raindrop.requests))
}

describe('two clients with two keys', () => {
  it('record each its own, also when they share a plug-in and are nested', async () => {
    const tracing = createTracing()
    const [one, two] = [
      createTestRaindrop({ tracing, writeKey: 'one' }),
      createTestRaindrop({ tracing, writeKey: 'two' }),
    ]
    one.interaction('first')(() => {
      one.begin({ event: 'chat', userId: 'u', eventId: 'first' })
      two.interaction('second')(() => {
        two.begin({ event: 'chat', userId: 'v', eventId: 'second' })
        one.withTool('of first', () => two.withTool('of second', () => undefined))
      })()
    })()
    const [a, b] = [await spansOf(one), await spansOf(two)]
    expect([Object.keys(a).sort(), Object.keys(b).sort()]).toEqual([
      ['first', 'of first'],
      ['of second', 'second'],
    ])
    expect(a['of first']?.parentSpanId).toBe(a['first']?.spanId)
    expect(b['of second']?.parentSpanId).toBe(b['second']?.spanId)
    expect(a['first']?.traceId).not.toBe(b['second']?.traceId)
    expect(one.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer one', 'Bearer one'])
    expect(two.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer two', 'Bearer two'])
  })
})

describe('beside a registered NodeTracerProvider', () => {
  const exporter = new InMemorySpanExporter()
  let provider: NodeTracerProvider

  const start = (options: Parameters<typeof createTracing>[0] = {}, more: RaindropOptions = {}) =>
    createTestRaindrop({ tracing: createTracing(options), ...more })
  const hostNames = () => exporter.getFinishedSpans().map(({ name }) => name)

  beforeEach(() => {
    exporter.reset()
    provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    provider.register()
  })
  afterEach(() => {
    trace.disable()
    context.disable()
  })

  it('private: its spans and ours are complete and separate', async () => {
    const raindrop = start()
    trace.getTracer('host').startActiveSpan('request', (span) => {
      flow(raindrop, 'flow')
      span.end()
    })
    const spans = await spansOf(raindrop)
    expect(Object.keys(spans).sort()).toEqual(ours('flow'))
    expect(spans['flow']?.parentSpanId).toBeUndefined()
    expect(hostNames()).toEqual(['host in flow', 'host in flow', 'request'])
    const [first, , request] = exporter.getFinishedSpans()
    expect(first?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
    expect(Object.values(spans).map(({ traceId }) => traceId)).not.toContain(request?.spanContext().traceId)
  })

  it('with provider: ours are in its traces as well, under its request, and its own under ours', async () => {
    const raindrop = start({ provider: trace.getTracerProvider() })
    trace.getTracer('host').startActiveSpan('request', (span) => {
      flow(raindrop, 'flow')
      span.end()
    })
    const spans = await spansOf(raindrop)
    expect(Object.keys(spans).sort()).toEqual(ours('flow'))
    expect(spans['flow task']?.parentSpanId).toBe(spans['flow']?.spanId)
    expect(spans['flow tool']?.parentSpanId).toBe(spans['flow task']?.spanId)
    const theirs = Object.fromEntries(exporter.getFinishedSpans().map((span) => [span.name, span]))
    expect(Object.keys(theirs).sort()).toEqual(['flow', 'flow task', 'host in flow', 'request'])
    for (const name of ['flow', 'flow task']) {
      expect(theirs[name]?.spanContext()).toMatchObject({ traceId: spans[name]?.traceId, spanId: spans[name]?.spanId })
      expect(theirs[name]?.attributes['traceloop.entity.name']).toBe(name)
    }
    expect(theirs['flow']?.parentSpanContext?.spanId).toBe(theirs['request']?.spanContext().spanId)
    expect(theirs['host in flow']?.parentSpanContext?.spanId).toBe(theirs['flow task']?.spanContext().spanId)
  })

  it('with a provider that samples nothing: ours are recorded all the same', async () => {
    const off = new NodeTracerProvider({ sampler: new AlwaysOffSampler() })
    const raindrop = start({ provider: off, bypassOtelForTools: false })
    flow(raindrop, 'flow')
    const spans = await spansOf(raindrop)
    expect(Object.keys(spans).sort()).toEqual(ours('flow'))
    expect(new Set(Object.values(spans).map(({ traceId }) => traceId)).size).toBe(1)
  })

  it.each(['getTracer', 'startSpan', 'isRecording', 'end'])(
    'with a provider that breaks in %s: nothing reaches the app, nothing is lost',
    async (broken) => {
      const fail = () => {
        throw new Error('broken')
      }
      const span = {
        spanContext: () => ({ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 }),
        isRecording: () => broken !== 'isRecording' || fail(),
        setAttributes: fail,
        setStatus: fail,
        addEvent: fail,
        end: fail,
      }
      const provider = {
        getTracer: () => ({ startSpan: broken === 'startSpan' ? fail : () => span }),
      } as unknown as TracerProvider
      if (broken === 'getTracer') provider.getTracer = fail
      const errors: string[] = []
      const raindrop = start({ provider }, { onError: ({ code }) => errors.push(code) })
      expect(raindrop.withTask('task', () => 1)).toBe(1)
      expect(Object.keys(await spansOf(raindrop))).toEqual(['task'])
      expect(errors).toEqual([])
    },
  )

  it('more properties than a provider takes do not cost the event, nor the error', async () => {
    const raindrop = start({ provider: trace.getTracerProvider() })
    const properties = Object.fromEntries(Array.from({ length: 1_100 }, (_, i) => [`p${i}`, i]))
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e', convoId: 'c' })
    const work = () =>
      interaction.withTask('task', { properties: { ...properties, event_id: 'mine' } }, () => {
        throw new Error('no')
      })
    expect(work).toThrow('no')
    const event = {
      'traceloop.association.properties.event_id': 'e',
      'ai.telemetry.metadata.raindrop.eventId': 'e',
      'gen_ai.conversation.id': 'c',
      'error.message': 'no',
    }
    expect(exporter.getFinishedSpans()[0]?.attributes).toMatchObject(event)
    expect((await spansOf(raindrop))['task']?.attributes).toMatchObject(event)

    const alone = start({ bypassOtelForTools: false })
    alone
      .begin({ event: 'chat', userId: 'u', eventId: 'e', convoId: 'c' })
      .withTask('task', { properties }, () => undefined)
    expect((await spansOf(alone))['task']?.attributes).toMatchObject({
      'traceloop.association.properties.event_id': 'e',
      'ai.telemetry.metadata.raindrop.eventId': 'e',
      'gen_ai.conversation.id': 'c',
    })
  })

  it('registerGlobally comes too late, says so, and stays private', async () => {
    const errors: string[] = []
    const raindrop = start(
      { registerGlobally: true },
      { onError: ({ code, message }) => errors.push(`${code} ${message}`) },
    )
    flow(raindrop, 'flow')
    expect(Object.keys(await spansOf(raindrop)).sort()).toEqual(ours('flow'))
    expect(errors).toEqual([expect.stringMatching(/^tracing .*registered already/)])
    expect(hostNames()).toHaveLength(2)
  })

  it('the SDK’s own requests are not traced', async () => {
    const seen: Context[] = []
    const suppressed = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    const raindrop = new Raindrop({
      writeKey: 'k',
      tracing: createTracing(),
      fetch: async () => {
        await Promise.resolve()
        seen.push(context.active())
        trace.getTracer('undici').startSpan('POST').end()
        return new Response(null, { status: 204 })
      },
    })
    raindrop.withTool('tool', () => 1)
    await raindrop.shutdown()
    expect(seen.map((active) => active.getValue(suppressed))).toEqual([true])
    expect(hostNames()).toEqual([])
  })
})

describe('registerGlobally', () => {
  afterEach(() => {
    trace.disable()
    context.disable()
    vi.unstubAllEnvs()
  })

  it('records what others make inside an interaction, and nothing of what they make outside, whatever is sampled', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off')
    const raindrop = createTestRaindrop({ tracing: createTracing({ registerGlobally: true }) })
    const host = trace.getTracer('host')
    host.startActiveSpan('GET /', (request) => {
      flow(raindrop, 'flow')
      host.startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' } }).end()
      request.end()
    })
    await raindrop.flush()
    const spans = sentSpans(raindrop.requests)
    expect(spans.map(({ name }) => name).sort()).toEqual([
      'chat',
      'flow',
      'flow task',
      'flow tool',
      'host in flow',
      'host in flow',
    ])
    const { flow: root, 'flow tool': tool } = byName(spans)
    const inside = spans.filter(({ name }) => name === 'host in flow')
    expect(inside.map(({ parentSpanId }) => parentSpanId)).toEqual([root?.spanId, tool?.spanId])
    for (const span of inside) expect(span.attributes['traceloop.association.properties.event_id']).toBe('flow')
    expect(root?.parentSpanId).toBeUndefined()
  })
})

import { context, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { AlwaysOnSampler, BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { describe, expect, it } from 'vitest'
import { createTestRaindrop } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { otlpBody } from '../core/otlp.js'

/**
 * What the official exporter would send. Two differences are on purpose: `flags`, which are left out, and integers, which the protocol
 * wants as decimal strings and the official exporter writes as numbers.
 */
function official(span: ReadableSpan): any {
  const document = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest([span])), (key, value) =>
    key === 'intValue' ? String(value) : value,
  )
  for (const { scopeSpans } of document.resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const one of spans) {
        delete one.flags
        for (const link of one.links) delete link.flags
      }
    }
  }
  return document
}

const ours = (span: ReadableSpan) => JSON.parse(JSON.stringify(otlpBody(span, 'golden')))

/** Runs `make` and gives the spans that ended in it. */
function ended(make: (tracer: ReturnType<BasicTracerProvider['getTracer']>) => void): ReadableSpan[] {
  const spans: ReadableSpan[] = []
  const provider = new BasicTracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => void spans.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  })
  make(provider.getTracer('scope', '1.2.3'))
  return spans
}

function expectSame(span: ReadableSpan): void {
  const golden = official(span)
  // The resource is ours: the SDK's own would name the process.
  golden.resourceSpans[0].resource = {
    attributes: [{ key: 'service.name', value: { stringValue: 'golden' } }],
    droppedAttributesCount: 0,
  }
  expect(ours(span)).toEqual(golden)
}

describe('the JSON of a span is that of the official OTLP exporter', () => {
  it.each<[string, Parameters<typeof ended>[0]]>([
    ['a span with nothing in it', (tracer) => tracer.startSpan('empty', {}, ROOT_CONTEXT).end()],
    [
      'attributes of every kind',
      (tracer) =>
        tracer
          .startSpan('attributes', {
            attributes: {
              text: 'é "😀"',
              yes: true,
              no: false,
              int: 42,
              negative: -1,
              zero: 0,
              double: 1.5,
              list: ['a', 'b'],
              numbers: [1, 2.5],
              empty: [],
            },
          })
          .end(),
    ],
    [
      'a parent, a kind, times to the nanosecond and a status',
      (tracer) => {
        const parent = tracer.startSpan('parent', {}, ROOT_CONTEXT)
        const span = tracer.startSpan(
          'child',
          { kind: SpanKind.CLIENT, startTime: [1_795_174_119, 49_000_001] },
          trace.setSpan(ROOT_CONTEXT, parent),
        )
        span.setStatus({ code: 2, message: 'broken' })
        span.end([1_795_174_119, 54_000_000])
      },
    ],
    [
      'an exception, an event and a link',
      (tracer) => {
        const link = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED }
        const span = tracer.startSpan(
          'eventful',
          { links: [{ context: link, attributes: { why: 'retry' } }, { context: link }] },
          context.active(),
        )
        span.addEvent('note', { n: 1 })
        span.recordException(new TypeError('x'))
        span.end()
      },
    ],
  ])('%s', (_what, make) => {
    for (const span of ended(make)) expectSame(span)
  })

  it('a span that went past OpenTelemetry is written as the same span that went through it', async () => {
    const written = []
    for (const bypassOtelForTools of [true, false]) {
      const raindrop = createTestRaindrop({ tracing: createTracing({ bypassOtelForTools }) })
      const interaction = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e', convoId: 'c' })
      const call = {
        name: 'search',
        input: { q: 1 },
        output: ['a'],
        durationMs: 5,
        startTime: new Date(1_795_174_119_049),
        properties: { k: 2.5 },
      }
      interaction.trackTool(call)
      interaction.trackTool({ ...call, error: Object.assign(new TypeError('x'), { stack: 'TypeError: x\n    at y' }) })
      await raindrop.flush()
      const sent = raindrop.requests.find(({ path }) => path.endsWith('/traces'))!
      const spans = sent.body.resourceSpans.map(({ resource, scopeSpans }: any) => ({
        resource,
        scope: scopeSpans[0].scope,
        span: scopeSpans[0].spans[0],
      }))
      expect(spans).toHaveLength(2)
      for (const { span } of spans) {
        expect(span).toMatchObject({
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
          spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        })
        expect([span.startTimeUnixNano, span.endTimeUnixNano]).toEqual(['1795174119049000000', '1795174119054000000'])
        delete span.traceId
        delete span.spanId
      }
      written.push(spans)
    }
    expect(written[0]).toEqual(written[1])
  })
})

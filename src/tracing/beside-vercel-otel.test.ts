import { context, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { registerOTel } from '@vercel/otel'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { Raindrop } from 'raindrop-js'
import { byName, sentSpans } from '../../test/support/sent-spans.js'

// The real @vercel/otel, with its fetch instrumentation on.

const exporter = new InMemorySpanExporter()
const names = () => exporter.getFinishedSpans().map(({ name }) => name)
let ingest: IngestServer

beforeAll(async () => {
  ingest = await startIngestServer()
  registerOTel({ serviceName: 'app', spanProcessors: [new SimpleSpanProcessor(exporter)] })
})
afterAll(async () => {
  await ingest.close()
  trace.disable()
  context.disable()
})

describe('beside @vercel/otel', () => {
  it('its spans and ours are complete and separate, and its fetch instrumentation does not see our requests', async () => {
    const raindrop = new Raindrop({ writeKey: 'k', endpoint: ingest.url, tracing: createTracing() })
    const host = trace.getTracer('app')
    await host.startActiveSpan('POST /api/chat', async (span) => {
      await raindrop.interaction('flow')(async () => {
        raindrop.begin({ event: 'chat', userId: 'u' }).finish('x')
        await raindrop.withTool('tool', async () => {
          await (await fetch(`${ingest.url}nowhere`, { method: 'POST', body: '{}' })).text()
        })
      })()
      await raindrop.flush()
      span.end()
    })
    const { flow, tool } = byName(sentSpans(ingest.requests))
    expect(sentSpans(ingest.requests)).toHaveLength(2)
    expect(tool?.parentSpanId).toBe(flow?.spanId)
    // The app's own fetch is traced; the three requests of the SDK are not.
    expect(names()).toEqual([expect.stringMatching(/^fetch POST /), 'POST /api/chat'])
    const [request, root] = exporter.getFinishedSpans()
    expect(request?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId)
    expect(flow?.traceId).not.toBe(root?.spanContext().traceId)
    expect(ingest.requests.filter(({ headers }) => 'traceparent' in headers).map(({ path }) => path)).toEqual([])
    await raindrop.shutdown()
  })
})

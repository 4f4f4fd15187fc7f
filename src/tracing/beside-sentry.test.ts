import * as Sentry from '@sentry/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { Raindrop } from 'raindrop-js'
import { byName, sentSpans } from '../../test/support/sent-spans.js'

// The real @sentry/node, with tracing on. What it would send is caught at its transport.

interface Transaction {
  transaction: string
  contexts: { trace: { trace_id: string; span_id: string } }
  spans: Array<{ description?: string; op?: string; parent_span_id?: string }>
}
const transactions: Transaction[] = []
let ingest: IngestServer

beforeAll(async () => {
  ingest = await startIngestServer()
  Sentry.init({
    dsn: 'https://key@sentry.example/1',
    tracesSampleRate: 1,
    transport: () => ({
      send(envelope) {
        for (const [header, item] of envelope[1])
          if (header.type === 'transaction') transactions.push(item as unknown as Transaction)
        return Promise.resolve({})
      },
      flush: () => Promise.resolve(true),
    }),
  })
})
afterAll(async () => {
  await Sentry.close()
  await ingest.close()
})

const start = (options?: Parameters<typeof createTracing>[0]) =>
  new Raindrop({ writeKey: 'k', endpoint: ingest.url, tracing: createTracing(options) })

describe('beside @sentry/node', () => {
  it('its spans and ours are complete and separate, and it does not see our requests', async () => {
    const raindrop = start()
    await Sentry.startSpan({ name: 'GET /chat' }, async () => {
      await raindrop.interaction('flow')(async () => {
        raindrop.begin({ event: 'chat', userId: 'u' }).finish('x')
        await Sentry.startSpan({ name: 'db' }, () => Promise.resolve())
        await raindrop.withTask('task', () =>
          raindrop.withTool('tool', () => Sentry.startSpan({ name: 'in tool' }, () => Promise.resolve())),
        )
      })()
      await raindrop.flush()
    })
    await Sentry.flush()
    const { flow, task, tool } = byName(sentSpans(ingest.requests))
    expect(flow?.parentSpanId).toBeUndefined()
    expect([task?.parentSpanId, tool?.parentSpanId]).toEqual([flow?.spanId, task?.spanId])
    expect(sentSpans(ingest.requests)).toHaveLength(3)
    const [transaction, ...others] = transactions.splice(0)
    expect(others).toEqual([])
    expect(transaction?.transaction).toBe('GET /chat')
    expect(transaction?.spans.map(({ description }) => description)).toEqual(['db', 'in tool'])
    const root = transaction?.contexts.trace.span_id
    expect(transaction?.spans.map(({ parent_span_id }) => parent_span_id)).toEqual([root, root])
    expect(flow?.traceId).not.toBe(transaction?.contexts.trace.trace_id)
    await raindrop.shutdown()
  })

  it('with its provider ours show up in its transaction as well', async () => {
    const before = sentSpans(ingest.requests).length
    const raindrop = start({ provider: Sentry.getClient<Sentry.NodeClient>()!.traceProvider! })
    await Sentry.startSpan({ name: 'GET /chat' }, () =>
      raindrop.withTask('task', () => Sentry.startSpan({ name: 'db' }, () => Promise.resolve())),
    )
    await raindrop.shutdown()
    await Sentry.flush()
    const [task] = sentSpans(ingest.requests).slice(before)
    const [transaction] = transactions.splice(0)
    expect(transaction?.spans.map(({ description }) => description).sort()).toEqual(['db', 'task'])
    expect(task).toMatchObject({ name: 'task', parentSpanId: undefined, traceId: transaction?.contexts.trace.trace_id })
  })
})

import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { createTestRaindrop, startIngestServer, type TestRaindrop } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { association, byName, sentSpans } from '../../test/support/sent-spans.js'

const start = () => createTestRaindrop({ tracing: createTracing() })
const spansOf = async (raindrop: TestRaindrop) => {
  await raindrop.flush()
  return sentSpans(raindrop.requests)
}

/** Each way in which work goes on elsewhere than on the caller's own stack. */
const ways: Array<[string, (work: () => void) => Promise<void>]> = [
  [
    'after an await',
    async (work) => {
      await sleep(1)
      work()
    },
  ],
  [
    'in a timer',
    (work) =>
      new Promise((resolve) =>
        setTimeout(() => {
          work()
          resolve()
        }, 1),
      ),
  ],
  [
    'in setImmediate',
    (work) =>
      new Promise((resolve) =>
        setImmediate(() => {
          work()
          resolve()
        }),
      ),
  ],
  [
    'in a microtask',
    (work) =>
      new Promise((resolve) =>
        queueMicrotask(() => {
          work()
          resolve()
        }),
      ),
  ],
  [
    'in nextTick',
    (work) =>
      new Promise((resolve) =>
        process.nextTick(() => {
          work()
          resolve()
        }),
      ),
  ],
  [
    'in an event emitter that is fired here',
    async (work) => {
      const emitter = new EventEmitter().on('go', work)
      await sleep(1)
      emitter.emit('go')
    },
  ],
  [
    'in a Node stream',
    (work) =>
      pipeline(
        Readable.from(['a']),
        async function* (source) {
          for await (const _ of source) work()
          yield ''
        },
        async (out) => {
          for await (const _ of out);
        },
      ),
  ],
  [
    'in a Web stream',
    async (work) => {
      for await (const _ of new ReadableStream({
        async pull(controller) {
          await sleep(1)
          work()
          controller.close()
        },
      }));
    },
  ],
]

describe('a span finds its parent and its event', () => {
  it.each(ways)('%s', async (_way, elsewhere) => {
    const raindrop = start()
    await raindrop.interaction('flow')(async () => {
      const { id } = raindrop.begin({ event: 'chat', userId: 'u' })
      await elsewhere(() => raindrop.withTool('tool', (span) => expect(span.eventId).toBe(id)))
    })()
    const { flow, tool } = byName(await spansOf(raindrop))
    expect(tool).toMatchObject({ traceId: flow!.traceId, parentSpanId: flow!.spanId })
    expect(association(tool!, 'event_id')).toBe(association(flow!, 'event_id'))
  })

  it('among a hundred flows in parallel, with nested tools in parallel', async () => {
    const raindrop = start()
    const tool = raindrop.tool('tool')(async (n: number) => {
      await sleep(n % 3)
      return raindrop.withTask('step', async () => await sleep(n % 2, n))
    })
    const flow = raindrop.interaction('flow')(async (n: number) => {
      raindrop.begin({ event: 'chat', userId: 'u', eventId: `e${n}` })
      await Promise.all([tool(n), tool(n + 1), raindrop.resumeInteraction().withTool('tool', () => sleep(1))])
    })
    await Promise.all(Array.from({ length: 100 }, (_, n) => flow(n)))
    const spans = await spansOf(raindrop)
    expect(spans).toHaveLength(600)
    const byId = new Map(spans.map((span) => [span.spanId, span]))
    expect(byId.size).toBe(600)
    for (const span of spans) {
      const parent = byId.get(span.parentSpanId ?? '')
      // Within what a span around it took; to the microsecond, of which a double that counts from 1970 holds four to one.
      if (parent) expect(span.startMs - parent.startMs).toBeGreaterThanOrEqual(0)
      if (parent) expect(parent.endMs - span.endMs).toBeGreaterThan(-0.01)
      expect(parent?.name).toBe({ flow: undefined, tool: 'flow', step: 'tool' }[span.name])
      if (parent)
        expect([association(span, 'event_id'), span.traceId]).toEqual([association(parent, 'event_id'), parent.traceId])
    }
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(100)
  })

  it('between the steps of a generator that others run', async () => {
    const raindrop = start()
    const steps = raindrop.tool('outer')(function* () {
      yield raindrop.withTask('first', () => 1)
      yield raindrop.withTask('second', () => 2)
    })()
    raindrop.withTask('unrelated', () => steps.next())
    for (const _ of steps);
    const { outer, first, second, unrelated } = byName(await spansOf(raindrop))
    expect([first?.parentSpanId, second?.parentSpanId]).toEqual([outer!.spanId, outer!.spanId])
    expect(unrelated!.traceId).not.toBe(outer!.traceId)
  })

  it('where an interaction is used inside a span of another: each stays in its own trace', async () => {
    const raindrop = start()
    const other = raindrop.interaction('other')(() => raindrop.begin({ event: 'b', userId: 'u', eventId: 'b' }))()
    raindrop.interaction('flow')(() => {
      raindrop.begin({ event: 'a', userId: 'u', eventId: 'a' })
      other.withTool('for the other', () => raindrop.withTask('inside', () => undefined))
      raindrop.withTool('for this', () => undefined)
    })()
    const spans = byName(await spansOf(raindrop))
    expect(
      [spans['for the other'], spans['inside']].map((span) => [association(span!, 'event_id'), span?.traceId]),
    ).toEqual(Array.from({ length: 2 }, () => ['b', spans['other']?.traceId]))
    expect(spans['for the other']?.parentSpanId).toBe(spans['other']?.spanId)
    expect(spans['for this']).toMatchObject({ traceId: spans['flow']?.traceId, parentSpanId: spans['flow']?.spanId })
  })
})

describe('toHeaders and resumeFromHeaders', () => {
  it('make one trace of page, server and tools', async () => {
    const [page, server] = [start(), start()]
    const interaction = page.begin({ event: 'chat', userId: 'u' })
    const headers = page.interaction('send')(() => {
      page.begin({ event: 'chat', userId: 'u', eventId: interaction.id })
      return interaction.withTask('fetch', () => interaction.toHeaders())
    })()
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    const resumed = server.resumeFromHeaders(new Headers(headers))
    await resumed.run(async () => {
      await server.interaction('action')(async () => {
        await sleep(1)
        server.withTool('search', () => undefined)
      })()
      resumed.startSpan({ kind: 'tool', name: 'manual' }).end()
    })
    resumed.finish('done')
    const sent = byName([...(await spansOf(page)), ...(await spansOf(server))])
    expect(new Set(Object.values(sent).map(({ traceId }) => traceId)).size).toBe(1)
    expect(Object.values(sent).map((span) => association(span, 'event_id'))).toEqual(
      Array.from({ length: 5 }, () => interaction.id),
    )
    expect(['send', 'fetch', 'action', 'search', 'manual'].map((name) => sent[name]?.parentSpanId)).toEqual([
      undefined,
      sent['send']?.spanId,
      sent['fetch']?.spanId,
      sent['action']?.spanId,
      sent['fetch']?.spanId,
    ])
    const event = server.requests.find(({ path }) => path.endsWith('track_partial'))
    expect(event?.body).toMatchObject({ event_id: interaction.id, properties: { trace_id: sent['send']?.traceId } })
  })

  it('give a live interaction that is in no trace yet the one of the request', async () => {
    const raindrop = start()
    const interaction = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e' })
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'x-raindrop-event-id': 'e' }
    expect(raindrop.resumeFromHeaders(headers)).toBe(interaction)
    interaction.withTool('tool', () => undefined)
    expect(await spansOf(raindrop)).toMatchObject([{ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) }])
  })

  it('take a parent elsewhere that was not sampled as any other', async () => {
    const raindrop = start()
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)]
    const interaction = raindrop.resumeFromHeaders({
      traceparent: `00-${traceId}-${spanId}-00`,
      'x-raindrop-event-id': 'e',
    })
    interaction.withTask('task', () => interaction.withTool('tool', () => undefined))
    const { task, tool } = byName(await spansOf(raindrop))
    expect(task).toMatchObject({ traceId, parentSpanId: spanId })
    expect(tool).toMatchObject({ traceId, parentSpanId: task?.spanId })
  })

  it.each(['', 'nonsense', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`])(
    'take no part of a traceparent that is none (%j)',
    async (traceparent) => {
      const raindrop = start()
      raindrop.resumeFromHeaders({ traceparent, 'x-raindrop-event-id': 'e' }).withTool('tool', () => undefined)
      const [tool] = await spansOf(raindrop)
      expect(tool).toMatchObject({ parentSpanId: undefined, traceId: expect.not.stringMatching(/^[01]+$/) })
      expect(association(tool!, 'event_id')).toBe('e')
    },
  )

  it('hand an interaction to a worker thread, where no context goes by itself', async () => {
    const ingest = await startIngestServer()
    const bundle = await build({
      stdin: {
        contents: `
          import { parentPort, workerData } from 'node:worker_threads'
          import { Raindrop } from './src/node/index.ts'
          import { createTracing } from './src/tracing/bundled.ts'
          const raindrop = new Raindrop({ writeKey: 'k', endpoint: workerData.url, tracing: createTracing() })
          const interaction = raindrop.resumeFromHeaders(workerData.headers)
          interaction.run(() => raindrop.withTool('in the worker', () => undefined))
          raindrop.withTool('lost', () => undefined)
          await raindrop.shutdown()
          parentPort.postMessage('done')`,
        resolveDir: new URL('../..', import.meta.url).pathname,
      },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(process.cwd() + '/');",
      },
    })
    const raindrop = start()
    await raindrop.interaction('flow')(async () => {
      const interaction = raindrop.begin({ event: 'chat', userId: 'u' })
      const workerData = { url: ingest.url, headers: interaction.toHeaders() }
      const code = new URL(`data:text/javascript,${encodeURIComponent(bundle.outputFiles[0]!.text)}`)
      const worker = new Worker(code, { workerData })
      await once(worker, 'message')
      await worker.terminate()
    })()
    const [flow] = await spansOf(raindrop)
    const there = byName(sentSpans(ingest.requests))
    expect(there['in the worker']).toMatchObject({ traceId: flow!.traceId, parentSpanId: flow!.spanId })
    expect(association(there['in the worker']!, 'event_id')).toBe(association(flow!, 'event_id'))
    expect(there['lost']?.traceId).not.toBe(flow!.traceId)
    await ingest.close()
  })
})

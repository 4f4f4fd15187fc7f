import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { Raindrop, type RaindropError, type RaindropOptions } from 'raindrop-js'
import { association, byName, sentSpans, type SentSpan } from '../../test/support/sent-spans.js'

// One row for each sentence of the tracing section of the Python SDK's page. docs/python-to-typescript.md names them.

let ingest: IngestServer
const errors: RaindropError[] = []
const opened: Raindrop[] = []

function start(options: RaindropOptions = {}): Raindrop {
  const raindrop = new Raindrop({
    writeKey: 'rk_1',
    endpoint: ingest.url,
    tracing: createTracing(),
    onError: (error) => errors.push(error),
    ...options,
  })
  opened.push(raindrop)
  return raindrop
}

beforeEach(async () => {
  ingest = await startIngestServer()
})
afterEach(async () => {
  for (const raindrop of opened.splice(0)) await raindrop.shutdown({ timeoutMs: 200 })
  // Nothing that a row sends may be refused, or dropped silently by the hosted service.
  expect({ errors: errors.splice(0), flags: ingest.flags }).toEqual({ errors: [], flags: [] })
  await ingest.close()
})

async function spansOf(raindrop: Raindrop): Promise<Record<string, SentSpan>> {
  await raindrop.flush()
  return byName(sentSpans(ingest.requests))
}

const question = { event: 'weather_query', userId: 'user-001', input: 'What is the weather?', convoId: 'convo-1' }
const failure = new TypeError('no such city')

type Row = [sentence: string, prove: () => Promise<void> | void]

const rows: Row[] = [
  [
    'Enable tracing by passing tracing_enabled=True to init: without it no span is sent, with it each is',
    async () => {
      for (const tracing of [undefined, createTracing()]) {
        const raindrop = start({ tracing })
        expect(raindrop.withTool('search', () => 7)).toBe(7)
        expect(Object.keys(await spansOf(raindrop))).toEqual(tracing ? ['search'] : [])
      }
    },
  ],
  [
    'Decorate your entry-point function with @interaction: each call is a span, the root of its trace',
    async () => {
      const raindrop = start()
      raindrop.interaction('weather_interaction')(() => raindrop.begin(question).finish('Sunny'))()
      const { weather_interaction: span } = await spansOf(raindrop)
      expect(span).toMatchObject({ parentSpanId: undefined, status: { code: 1 } })
      expect(span?.attributes).toMatchObject({
        'traceloop.span.kind': 'workflow',
        'traceloop.workflow.name': 'weather_interaction',
        'ai.operationId': 'ai.interaction',
      })
      expect(span?.attributes).toMatchObject({ 'ai.telemetry.metadata.raindrop.eventId': ingest.events()[0]?.eventId })
    },
  ],
  [
    'Decorate tool functions with @tool: each call is a span under its interaction, with arguments and result',
    async () => {
      const raindrop = start()
      const weather = raindrop.tool('get_current_weather')((location: string, unit = 'celsius') => ({ location, unit }))
      raindrop.interaction('flow')(() => {
        raindrop.begin(question)
        return weather('Boston')
      })()
      const { flow, get_current_weather: tool } = await spansOf(raindrop)
      expect(tool).toMatchObject({ traceId: flow!.traceId, parentSpanId: flow!.spanId })
      expect(tool?.attributes).toMatchObject({
        'traceloop.span.kind': 'tool',
        'traceloop.entity.name': 'get_current_weather',
        'traceloop.entity.input': '{"args":["Boston"],"kwargs":{}}',
        'traceloop.entity.output': '{"location":"Boston","unit":"celsius"}',
        'ai.operationId': 'ai.toolCall',
        'ai.toolCall.name': 'get_current_weather',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_current_weather',
      })
    },
  ],
  [
    'begin() … finish() later via resume_interaction(): the current one is found without an id, and the event names its trace',
    async () => {
      const raindrop = start()
      const sendToUser = (text: string) => raindrop.resumeInteraction().finish(text)
      await raindrop.interaction('flow')(async () => {
        raindrop.begin(question)
        await sleep(1)
        sendToUser('It is sunny!')
      })()
      const { flow } = await spansOf(raindrop)
      expect(ingest.events()).toMatchObject([
        { pending: false, body: { ai_data: { output: 'It is sunny!' }, properties: { trace_id: flow!.traceId } } },
      ])
    },
  ],
  [
    'resume_interaction() only finds an Interaction under the same traced execution that called begin(): task, tool or interaction',
    async () => {
      const raindrop = start()
      for (const kind of ['interaction', 'task', 'tool'] as const) {
        const found = raindrop[kind](kind)(() => [raindrop.begin(question), raindrop.resumeInteraction()])()
        expect(found[0]).toBe(found[1])
      }
      expect(Object.keys(await spansOf(raindrop))).toHaveLength(3)
    },
  ],
  [
    'outside that tracing context pass the event id explicitly',
    () => {
      const raindrop = start()
      const interaction = raindrop.interaction('flow')(() => raindrop.begin(question))()
      expect(raindrop.resumeInteraction(interaction.id)).toBe(interaction)
    },
  ],
  [
    'If neither a context nor an event_id is available, a new Interaction is created',
    () => {
      const raindrop = start({ userId: 'user-001' })
      const interaction = raindrop.interaction('flow')(() => raindrop.begin(question))()
      expect(raindrop.resumeInteraction().id).not.toBe(interaction.id)
    },
  ],
  [
    'When decorators are not feasible use the context managers tool_span and task_span',
    async () => {
      const raindrop = start()
      raindrop.interaction('flow')(() => {
        raindrop.begin(question)
        raindrop.withTask('plan', () => raindrop.withTool('search', () => 'found'))
      })()
      const { flow, plan, search } = await spansOf(raindrop)
      expect(plan).toMatchObject({ parentSpanId: flow!.spanId, attributes: { 'traceloop.span.kind': 'task' } })
      expect(search).toMatchObject({ parentSpanId: plan!.spanId, attributes: { 'traceloop.entity.output': 'found' } })
    },
  ],
  [
    'Context managers support both synchronous and asynchronous code',
    async () => {
      const raindrop = start()
      expect(raindrop.withTool('sync', () => 1)).toBe(1)
      expect(await raindrop.withTool('async', () => sleep(20, 2))).toBe(2)
      const { sync, async: asynchronous } = await spansOf(raindrop)
      expect(sync?.attributes['traceloop.entity.output']).toBe('1')
      expect(asynchronous!.endMs - asynchronous!.startMs).toBeGreaterThanOrEqual(15)
      expect(asynchronous?.attributes['traceloop.entity.duration_ms']).toBeGreaterThanOrEqual(15)
    },
  ],
  [
    'Spans automatically inherit the current trace context and no-op when tracing is disabled',
    async () => {
      const off = start({ enabled: false })
      expect(off.withTask('off', (span) => off.withTool('off', () => span.recordInput(1) === span))).toBe(true)
      expect(await spansOf(off)).toEqual({})
    },
  ],
  [
    'record_input(data): Record input data for the span',
    async () => {
      const raindrop = start()
      raindrop.withTool('search', (tool) => void tool.recordInput({ query: 'docs' }))
      expect((await spansOf(raindrop))['search']?.attributes['traceloop.entity.input']).toBe('{"query":"docs"}')
    },
  ],
  [
    'record_output(data): Record output data for the span, instead of what the function returns',
    async () => {
      const raindrop = start()
      raindrop.withTool('search', (tool) => {
        tool.recordOutput({ urls: ['https://docs.example.com'] })
        return 'the page'
      })
      const { search } = await spansOf(raindrop)
      expect(search?.attributes['traceloop.entity.output']).toBe('{"urls":["https://docs.example.com"]}')
    },
  ],
  [
    'set_properties(props): Set custom properties on the span',
    async () => {
      const raindrop = start()
      const options = { properties: { plan: 'paid', event_id: 'not this one' } }
      raindrop
        .begin(question)
        .withTool('search', options, (tool) => tool.setProperties({ results_count: 2 }).setProperties({ tags: ['a'] }))
      const { search } = await spansOf(raindrop)
      expect(['plan', 'results_count', 'tags'].map((name) => association(search!, name))).toEqual([
        'paid',
        '2',
        '["a"]',
      ])
      expect(association(search!, 'event_id')).toBe(ingest.events()[0]?.eventId)
    },
  ],
  [
    'tool_span("web_search", version=1)',
    async () => {
      const raindrop = start()
      raindrop.withTool('web_search', { version: 1 }, () => 1)
      raindrop.tool('wrapped', { version: 2 })(() => 1)()
      const { web_search: search, wrapped } = await spansOf(raindrop)
      expect([search, wrapped].map((span) => span?.attributes['traceloop.entity.version'])).toEqual([1, 2])
    },
  ],
  [
    'interaction.start_span() creates a ManualSpan with an explicit end(), in another function than it began',
    async () => {
      const raindrop = start()
      const interaction = raindrop.begin(question)
      const begin = () => interaction.startSpan({ kind: 'tool', name: 'external_api', version: 3 })
      const finish = (span: ReturnType<typeof begin>) => span.recordOutput({ ok: true }).end()
      finish(begin().recordInput({ query: 'example' }))
      const { external_api: span } = await spansOf(raindrop)
      expect(span?.attributes).toMatchObject({
        'traceloop.span.kind': 'tool',
        'traceloop.entity.version': 3,
        'traceloop.entity.input': '{"query":"example"}',
        'traceloop.entity.output': '{"ok":true}',
      })
    },
  ],
  [
    'start_span kind: task or tool',
    async () => {
      const raindrop = start()
      const interaction = raindrop.begin(question)
      for (const kind of ['task', 'tool'] as const) interaction.startSpan({ kind, name: kind }).end()
      const spans = await spansOf(raindrop)
      expect(Object.values(spans).map(({ attributes }) => attributes['traceloop.span.kind'])).toEqual(['task', 'tool'])
      expect(new Set(Object.values(spans).map(({ traceId }) => traceId)).size).toBe(1)
      expect(interaction.toHeaders()['traceparent']).toContain(spans['tool']?.traceId)
    },
  ],
  [
    'end(error=None): Pass an exception to mark it as failed',
    async () => {
      const raindrop = start()
      raindrop.begin(question).startSpan({ kind: 'tool', name: 'external_api' }).end({ error: failure })
      const { external_api: span } = await spansOf(raindrop)
      expect(span).toMatchObject({
        status: { code: 2, message: 'no such city' },
        attributes: { 'error.type': 'TypeError', 'error.message': 'no such city' },
        events: [
          {
            name: 'exception',
            attributes: {
              'exception.type': 'TypeError',
              'exception.message': 'no such city',
              'exception.stacktrace': expect.stringContaining('seed-tracing.test.ts'),
            },
          },
        ],
      })
    },
  ],
  [
    'ManualSpan.event_id: The interaction’s event_id',
    () => {
      const raindrop = start()
      const interaction = raindrop.begin(question)
      expect(interaction.startSpan({ kind: 'tool', name: 't' }).eventId).toBe(interaction.id)
    },
  ],
  [
    'The span automatically inherits association properties (event_id, user_id, event, convo_id) from the interaction',
    async () => {
      const raindrop = start()
      const interaction = raindrop.begin(question)
      interaction.startSpan({ kind: 'tool', name: 'manual' }).end()
      interaction.withTask('block', () => undefined)
      raindrop.interaction('flow')(() => {
        raindrop.begin({ ...question, eventId: interaction.id })
        raindrop.tool('wrapped')(() => 1)()
      })()
      const spans = await spansOf(raindrop)
      expect(Object.keys(spans).sort()).toEqual(['block', 'flow', 'manual', 'wrapped'])
      for (const span of Object.values(spans)) {
        expect(['event_id', 'user_id', 'event_name', 'convo_id'].map((name) => association(span, name))).toEqual([
          interaction.id,
          'user-001',
          'weather_query',
          'convo-1',
        ])
        expect(span.attributes['ai.telemetry.metadata.raindrop.eventId']).toBe(interaction.id)
        expect(span.attributes['gen_ai.conversation.id']).toBe('convo-1')
      }
    },
  ],
]

describe('the tracing section of the Python page', () => {
  it.each(rows)('%s', async (_sentence, prove) => {
    await prove()
  })
})

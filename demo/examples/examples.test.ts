import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'

const runner = fileURLToPath(new URL('run.mjs', import.meta.url))
let ingest: IngestServer
let model: Server | undefined

beforeEach(async () => {
  ingest = await startIngestServer({ writeKey: 'rk_demo' })
})
afterEach(async () => {
  await ingest.close()
  model?.close()
})

async function run(name: string, env: Record<string, string> = {}) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [runner, name], {
    env: { ...process.env, RAINDROP_WRITE_KEY: 'rk_demo', RAINDROP_ENDPOINT: ingest.url, ...env },
  })
  expect(stderr).toBe('')
  expect(ingest.flags).toEqual([])
  return stdout
}

interface Span {
  name: string
  parent: string | undefined
  traceId: string
  status: { code: number; message?: string }
  [attribute: string]: unknown
}

/** Each span with its parent's name and its attributes. */
function spans(): Span[] {
  const all = ingest.requests
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) =>
      body.resourceSpans.flatMap((resource: any) => resource.scopeSpans.flatMap((scope: any) => scope.spans)),
    )
  const names = new Map(all.map((span: any) => [span.spanId, span.name]))
  return all.map((span: any) => ({
    name: span.name,
    parent: names.get(span.parentSpanId),
    traceId: span.traceId,
    status: span.status,
    ...Object.fromEntries(span.attributes.map(({ key, value }: any) => [key, Object.values(value)[0]])),
  }))
}
const tree = () => spans().map(({ name, parent }) => [name, parent])

/** As much of OpenAI as the example needs: asks for the tool first, then tells what the tool said. */
async function startModel(): Promise<string> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { messages } = JSON.parse(text) as { messages: Array<{ role: string; content: string }> }
    const last = messages.at(-1)!
    const message =
      last.role === 'tool'
        ? {
            role: 'assistant',
            content: `It is ${(JSON.parse(last.content) as { temperature: number }).temperature} °C in Boston.`,
          }
        : {
            role: 'assistant',
            content: null,
            tool_calls: [
              {
                id: 'call_1',
                type: 'function',
                function: { name: 'get_current_weather', arguments: '{"location":"Boston, MA"}' },
              },
            ],
          }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        id: '1',
        object: 'chat.completion',
        model: 'fake',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
      }),
    )
  }
  model = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => model!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`
}

describe('the tracing examples of the Python page, in TypeScript', () => {
  it('openai-tool-calls', async () => {
    const stdout = await run('openai-tool-calls', { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: await startModel() })
    expect(stdout).toBe('Sending to user: It is 22 °C in Boston.\n')
    expect(tree()).toEqual([
      ['get_current_weather', 'weather_interaction'],
      ['weather_interaction', undefined],
    ])
    const [event] = ingest.events()
    const [tool] = spans()
    expect(event).toMatchObject({
      pending: false,
      body: {
        event: 'weather_query',
        user_id: 'user-001',
        ai_data: { output: 'It is 22 °C in Boston.', convo_id: 'convo-weather-001' },
        properties: { trace_id: tool?.traceId },
      },
    })
    expect(tool).toMatchObject({
      'traceloop.entity.input': '{"args":[{"location":"Boston, MA"}],"kwargs":{}}',
      'traceloop.entity.output': '{"location":"Boston, MA","temperature":22,"unit":"celsius"}',
      'traceloop.association.properties.event_id': event?.eventId,
    })
  })

  it('interaction-decorator', async () => {
    await run('interaction-decorator')
    expect(tree()).toEqual([
      ['forecast', 'weather_flow'],
      ['weather_flow', undefined],
    ])
    expect(ingest.events()).toMatchObject([{ pending: false, body: { ai_data: { output: "It's sunny in Boston!" } } }])
  })

  it('task-and-tool-spans', async () => {
    await run('task-and-tool-spans')
    expect(tree()).toEqual([
      ['web_search', 'main_task'],
      ['document_reranker', 'main_task'],
      ['summarization', 'main_task'],
      ['main_task', undefined],
    ])
    const [search, rerank, summarize] = spans()
    expect(search).toMatchObject({
      'traceloop.entity.version': '1',
      'traceloop.entity.input': '{"query":"traceloop entity_method documentation"}',
      'traceloop.association.properties.results_count': '2',
    })
    expect(Number(rerank?.['traceloop.entity.duration_ms'])).toBeGreaterThanOrEqual(49)
    expect(summarize).toMatchObject({
      'traceloop.entity.output': '{"summary":"The entity_method decorator allows..."}',
    })
    expect(ingest.events()).toMatchObject([
      { pending: false, body: { ai_data: { output: 'The entity_method decorator allows...' } } },
    ])
  })

  it('manual-span', async () => {
    await run('manual-span')
    expect(tree()).toEqual([
      ['external_api', 'my_workflow'],
      ['my_workflow', undefined],
      ['external_api', 'my_workflow'],
      ['my_workflow', undefined],
    ])
    const [good, , bad] = spans()
    expect(good).toMatchObject({ status: { code: 1 }, 'traceloop.entity.output': '{"rows":3}' })
    expect(bad).toMatchObject({ status: { code: 2, message: 'The query is empty.' }, 'error.type': 'RangeError' })
    expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(2)
  })
})

import { createOpenAI } from '@ai-sdk/openai'
import {
  embed,
  embedMany,
  generateObject,
  generateText,
  jsonSchema,
  registerTelemetry,
  stepCountIs,
  streamObject,
  streamText,
  tool,
  ToolLoopAgent,
  type Telemetry,
} from 'ai'
import {
  convertArrayToReadableStream,
  MockEmbeddingModelV4,
  MockLanguageModelV4,
  simulateReadableStream,
} from 'ai/test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { raindropTelemetry } from 'raindrop-js/ai-sdk'
import { startIngested, type Ingested } from '../../../test/support/ingested'
import { startOpenAiServer } from '../../../test/support/openai-server'

let app: Ingested
let telemetry: { integrations: Telemetry }
beforeEach(async () => {
  app = await startIngested()
  telemetry = { integrations: raindropTelemetry(app.raindrop, { userId: 'user_1' }) }
})
afterEach(async () => {
  globalThis.AI_SDK_TELEMETRY_INTEGRATIONS = []
  await app.close()
})

const tokens = (input: number, output: number) => ({
  inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: output, text: output, reasoning: 0 },
})
const stop = { unified: 'stop' as const, raw: 'stop' }
const text = (value: string, usage = tokens(3, 5)) => ({
  content: [{ type: 'text' as const, text: value }],
  finishReason: stop,
  usage,
  warnings: [],
})
const toolCall = (toolName: string, input: unknown, usage = tokens(10, 1)) => ({
  content: [{ type: 'tool-call' as const, toolCallId: `id_${toolName}`, toolName, input: JSON.stringify(input) }],
  finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' },
  usage,
  warnings: [],
})
const model = (doGenerate: any) => new MockLanguageModelV4({ provider: 'mock', modelId: 'mock-1', doGenerate })

const parts = (words: readonly string[], usage = tokens(3, 5)): any[] => [
  { type: 'stream-start', warnings: [] },
  { type: 'text-start', id: '1' },
  ...words.map((delta) => ({ type: 'text-delta', id: '1', delta })),
  { type: 'text-end', id: '1' },
  { type: 'finish', finishReason: stop, usage },
]
const streaming = (words: readonly string[], usage = tokens(3, 5)) =>
  new MockLanguageModelV4({
    provider: 'mock',
    modelId: 'mock-1',
    doStream: async () => ({ stream: convertArrayToReadableStream(parts(words, usage)) }),
  })

const searchTool = (execute: (input: { q: string }) => unknown) =>
  tool({
    description: 'searches',
    inputSchema: jsonSchema<{ q: string }>({ type: 'object', properties: { q: { type: 'string' } }, required: ['q'] }),
    execute: async (input) => await execute(input),
  })

/** Events arrive in any order: two requests are under way at a time. */
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const part of stream) found.push(part)
  return found
}

const answer = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
})

describe('a call of the AI SDK', () => {
  it('is an event with input, output, model, provider, tokens and finish reason', async () => {
    const result = await generateText({ model: model(async () => text('Paris')), prompt: 'Capital?', telemetry })
    expect(result.text).toBe('Paris')
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({ event: 'ai_generation', user_id: 'user_1', pending: false })
    expect(event.ai_data).toEqual({ model: 'mock-1', input: 'Capital?', output: 'Paris' })
    expect(event.properties).toMatchObject({
      'ai.model.provider': 'mock',
      'ai.response.finishReason': 'stop',
      'ai.usage.prompt_tokens': 3,
      'ai.usage.completion_tokens': 5,
    })
  })

  it('has the last words of the user as its input', async () => {
    await generateText({
      model: model(async () => text('Paris')),
      instructions: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello!' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', image: new Uint8Array(4) },
          ],
        },
      ],
      telemetry,
    })
    expect((await app.events())[0].ai_data.input).toMatch(/^What is this\?\n\[(image|file)\]$/)
  })

  it('takes its name from functionId, and who it is for from the runtime context', async () => {
    await generateText({
      model: model(async () => text('Paris')),
      prompt: 'Capital?',
      runtimeContext: { raindrop: { userId: 'u_context', convoId: 'c_context' } },
      telemetry: { ...telemetry, functionId: 'answer', includeRuntimeContext: { raindrop: true } },
    })
    const [event] = await app.events()
    expect(event).toMatchObject({ event: 'answer', user_id: 'u_context', ai_data: { convo_id: 'c_context' } })
  })

  it('tells the time to the first output of a stream', async () => {
    const result = streamText({ model: streaming(['Pa', 'ris']), prompt: 'Capital?', telemetry })
    expect(await collect(result.textStream)).toEqual(['Pa', 'ris'])
    const [event] = await app.events()
    expect(event.ai_data).toMatchObject({ input: 'Capital?', output: 'Paris' })
    expect(event.properties['ai.response.msToFirstChunk']).toBeGreaterThanOrEqual(0)
    expect(event.properties['ai.usage.completion_tokens']).toBe(5)
  })

  it('gives objects as JSON', async () => {
    const object = '{"city":"Paris"}'
    await generateObject({
      model: model(async () => text(object)),
      schema: answer,
      prompt: 'Capital?',
      experimental_telemetry: telemetry,
    })
    const stream = streamObject({
      model: streaming(['{"city":', '"Paris"}']),
      schema: answer,
      prompt: 'Capital?',
      experimental_telemetry: telemetry,
    })
    await collect(stream.partialObjectStream)
    const events = await app.events()
    expect(events.map(({ ai_data }) => [ai_data.input, ai_data.output])).toEqual([
      ['Capital?', object],
      ['Capital?', object],
    ])
  })

  it('describes embeddings by their size', async () => {
    const embedding = new MockEmbeddingModelV4({
      maxEmbeddingsPerCall: 10,
      doEmbed: async ({ values }) => ({ embeddings: values.map(() => [1, 2, 3]), usage: { tokens: 4 }, warnings: [] }),
    })
    await embed({ model: embedding, value: 'Paris', telemetry })
    await embedMany({ model: embedding, values: ['a', 'b'], telemetry })
    const events = await app.events()
    expect(events.map(({ ai_data }) => [ai_data.input, ai_data.output]).toSorted(byText)).toEqual([
      ['Paris', '[embedding of 3 dimensions]'],
      ['["a","b"]', '[2 embeddings of 3 dimensions]'],
    ])
    expect(events[0].properties['ai.usage.prompt_tokens']).toBe(4)
  })

  it('is one event over its steps, with a span for each tool call', async () => {
    let step = 0
    const steps = model(async () => (step++ === 0 ? toolCall('search', { q: 'x' }) : text('Paris', tokens(20, 2))))
    await generateText({
      model: steps,
      prompt: 'Capital?',
      tools: { search: searchTool(({ q }) => ({ found: q })) },
      stopWhen: stepCountIs(5),
      telemetry,
    })
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 30, 'ai.usage.completion_tokens': 3 })
    expect(event.ai_data.output).toBe('Paris')
    const spans = await app.spans()
    const root = spans.find(({ parentSpanId }) => !parentSpanId)!
    const search = spans.find(({ name }) => name === 'search')!
    expect(search).toMatchObject({ parentSpanId: root.spanId, failed: false })
    expect(search.attributes).toMatchObject({
      'traceloop.entity.input': '{"q":"x"}',
      'traceloop.entity.output': '{"found":"x"}',
    })
    expect(event.properties.trace_id).toBe(root.traceId)
  })

  it('records an agent, and a tool of it that fails', async () => {
    let step = 0
    const agent = new ToolLoopAgent({
      model: model(async () => (step++ === 0 ? toolCall('search', { q: 'x' }) : text('I do not know'))),
      tools: { search: searchTool(() => Promise.reject(new Error('index is down'))) },
      telemetry,
    })
    await agent.generate({ prompt: 'Capital?' })
    expect((await app.events()).map(({ ai_data }) => ai_data.output)).toEqual(['I do not know'])
    expect((await app.spans()).find(({ name }) => name === 'search')).toMatchObject({ failed: true })
  })

  it('has the calls of its tools as steps', async () => {
    let step = 0
    const inner = model(async () => text('inner', tokens(100, 100)))
    await generateText({
      model: model(async () => (step++ === 0 ? toolCall('search', { q: 'x' }) : text('outer'))),
      prompt: 'Capital?',
      tools: {
        search: searchTool(
          async ({ q }) =>
            (await generateText({ model: inner, prompt: q, telemetry: { ...telemetry, functionId: 'rewrite' } })).text,
        ),
      },
      stopWhen: stepCountIs(5),
      telemetry,
    })
    const events = await app.events()
    expect(events.map(({ ai_data }) => ai_data.output)).toEqual(['outer'])
    expect(events[0].properties['ai.usage.prompt_tokens']).toBe(113)
    expect((await app.spans()).find(({ name }) => name === 'rewrite')?.attributes).toMatchObject({
      'traceloop.entity.output': 'inner',
    })
  })

  it('records an error, which stays the same', async () => {
    const error = new TypeError('no such thing')
    const failing = model(async () => {
      throw error
    })
    await expect(generateText({ model: failing, prompt: 'Capital?', maxRetries: 0, telemetry })).rejects.toBe(error)
    const stream = streamText({
      model: new MockLanguageModelV4({ doStream: () => Promise.reject(error) }),
      prompt: 'Capital?',
      maxRetries: 0,
      onError: () => undefined,
      telemetry,
    })
    expect(await collect(stream.stream)).toContainEqual(expect.objectContaining({ type: 'error', error }))
    const events = await app.events()
    expect(events).toHaveLength(2)
    for (const { properties, pending } of events) {
      expect(pending).toBe(false)
      expect(properties).toMatchObject({ 'error.type': 'TypeError', 'error.message': 'no such thing' })
    }
  })

  it('fails where a stream fails midway, and keeps what was streamed', async () => {
    const chunks = [
      ...parts(['Pa']).slice(0, 3),
      { type: 'error', error: new TypeError('connection lost') },
      { type: 'finish', finishReason: { unified: 'error', raw: 'overloaded' }, usage: tokens(3, 5) },
    ]
    const broken = new MockLanguageModelV4({ doStream: async () => ({ stream: convertArrayToReadableStream(chunks) }) })
    await collect(streamText({ model: broken, prompt: 'Capital?', onError: () => undefined, telemetry }).stream)
    const [event] = await app.events()
    expect(event).toMatchObject({ pending: false, ai_data: { output: 'Pa' } })
    expect(event.properties).toMatchObject({
      'error.type': 'Error',
      'error.message': 'The answer of the model ended with an error (overloaded).',
      'ai.response.finishReason': 'error',
      'ai.usage.prompt_tokens': 3,
    })
    expect((await app.spans()).map(({ failed }) => failed)).toEqual([true])
  })

  it('keeps the tokens of the steps before the one that fails', async () => {
    const call = async (recordOutputs: boolean) => {
      let step = 0
      const failing = model(async () => {
        if (step++ === 0) return toolCall('search', { q: 'x' })
        throw new TypeError('overloaded')
      })
      const settings = { prompt: 'Capital?', maxRetries: 0, stopWhen: stepCountIs(5) }
      const tools = { search: searchTool(({ q }) => ({ found: q })) }
      const promise = generateText({ model: failing, tools, ...settings, telemetry: { ...telemetry, recordOutputs } })
      await expect(promise).rejects.toThrow('overloaded')
    }
    await call(true)
    await call(false)
    const [event, silent] = await app.events()
    expect(event.ai_data.output).toContain('"toolName":"search"')
    expect(silent.ai_data).not.toHaveProperty('output')
    expect(event.properties).toMatchObject({ 'error.type': 'TypeError', 'error.message': 'overloaded' })
    for (const { properties } of [event, silent])
      expect(properties).toMatchObject({
        'error.type': expect.stringMatching(/Error$/),
        'ai.usage.prompt_tokens': 10,
        'ai.usage.completion_tokens': 1,
      })
  })

  it('tells what came where an object was asked for', async () => {
    const asked = { schema: answer, prompt: 'Capital?' }
    const call = (recordOutputs: boolean) =>
      generateObject({
        model: model(async () => text('no JSON')),
        ...asked,
        experimental_telemetry: { ...telemetry, recordOutputs },
      })
    await expect(call(true)).rejects.toThrow('No object generated')
    const stream = streamObject({ model: streaming(['no ', 'JSON']), ...asked, experimental_telemetry: telemetry })
    await collect(stream.partialObjectStream)
    await expect(call(false)).rejects.toThrow('No object generated')
    const events = await app.events()
    expect(events.map(({ ai_data }) => ai_data.output)).toEqual(['no JSON', 'no JSON', undefined])
    for (const { properties } of events)
      expect(properties).toMatchObject({
        'error.type': expect.stringMatching(/Error$/),
        'ai.response.finishReason': 'stop',
        'ai.usage.prompt_tokens': 3,
        'ai.usage.completion_tokens': 5,
      })
  })

  it('records an abort: of a stream in its middle, before its first part, and of a call', async () => {
    const late = new AbortController()
    const slow = new MockLanguageModelV4({
      doStream: async () => ({
        stream: simulateReadableStream({ chunks: parts(['Pa', 'ris', '!']), chunkDelayInMs: 5 }),
      }),
    })
    const stream = streamText({ model: slow, prompt: 'late', abortSignal: late.signal, telemetry })
    for await (const _ of stream.textStream) late.abort()
    const early = AbortSignal.abort()
    await collect(streamText({ model: slow, prompt: 'early', abortSignal: early, telemetry }).textStream).catch(
      () => [],
    )
    const call = model(async ({ abortSignal }: { abortSignal: AbortSignal }) => abortSignal.throwIfAborted())
    await generateText({ model: call, prompt: 'call', abortSignal: early, telemetry }).catch(() => undefined)
    const events = await app.events()
    expect(
      events.map(({ ai_data, pending, properties }) => [ai_data.input, pending, properties.aborted]).toSorted(byText),
    ).toEqual([
      ['call', false, true],
      ['early', false, true],
      ['late', false, true],
    ])
  })

  it('leaves out what the app does not want recorded', async () => {
    await generateText({
      model: model(async () => text('Paris')),
      prompt: 'Capital?',
      telemetry: { ...telemetry, recordInputs: false, recordOutputs: false },
    })
    const [event] = await app.events()
    expect(event.ai_data).toEqual({ model: 'mock-1' })
    expect(JSON.stringify(await app.spans())).not.toMatch(/Capital|Paris/)
  })

  it('joins the current interaction, and fills at its end what the app left open', async () => {
    const interaction = app.raindrop.begin({ event: 'chat', userId: 'u', convoId: 'c', input: 'Capital?' })
    const result = interaction.run(() =>
      streamText({ model: streaming(['Pa', 'ris']), prompt: 'Context … Capital?', telemetry }),
    )
    await collect(result.textStream)
    interaction.finish()
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({ event_id: interaction.id, event: 'chat', user_id: 'u', pending: false })
    expect(event.ai_data).toEqual({ convo_id: 'c', model: 'mock-1', input: 'Capital?', output: 'Paris' })
  })

  it('does not mix 50 concurrent calls with interleaved streams', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index + 100)
    await Promise.all(
      numbers.map(async (n) => {
        const words = ['it ', 'is ', `${n}`]
        const chunks = parts(words, tokens(n, n + 1))
        const interleaved = new MockLanguageModelV4({
          doStream: async () => ({ stream: simulateReadableStream({ chunks, chunkDelayInMs: 1 }) }),
        })
        await collect(streamText({ model: interleaved, prompt: `number ${n}`, telemetry }).textStream)
      }),
    )
    const found = (await app.events()).map(({ ai_data: { input, output }, properties }) => [
      input,
      output,
      properties['ai.usage.prompt_tokens'],
    ])
    expect(found.toSorted(byText)).toEqual(numbers.map((n) => [`number ${n}`, `it is ${n}`, n]).toSorted(byText))
  })
})

describe('the integration', () => {
  it('works registered for all calls', async () => {
    registerTelemetry(raindropTelemetry(app.raindrop))
    await generateText({ model: model(async () => text('Paris')), prompt: 'Capital?' })
    expect((await app.events()).map(({ user_id }) => user_id)).toEqual(['anonymous'])
  })

  it('gives one event where it is registered twice for a client, as one integration or two', async () => {
    const run = async (...integrations: Telemetry[]) => {
      let step = 0
      const failing = model(async () => {
        if (step++ === 0) return toolCall('search', { q: 'x' })
        throw new TypeError('overloaded')
      })
      const tools = { search: searchTool(({ q }) => ({ found: q })) }
      const settings = { prompt: 'Capital?', maxRetries: 0, stopWhen: stepCountIs(5) }
      await generateText({ model: failing, tools, ...settings, telemetry: { integrations } }).catch(() => undefined)
    }
    const one: Telemetry = raindropTelemetry(app.raindrop)
    await run(one, one)
    await run(one, raindropTelemetry(app.raindrop))
    const events = await app.events()
    expect(events.map(({ properties }) => properties['ai.usage.prompt_tokens'])).toEqual([10, 10])
    expect((await app.spans()).filter(({ name }) => name === 'search')).toHaveLength(2)
  })

  it.each([undefined, null])('marks an error where %s is thrown, by a tool or a call', async (nothing) => {
    let step = 0
    const failing = model(async () => {
      if (step++ === 0) return toolCall('search', { q: 'x' })
      // An app may throw anything.
      // oxlint-disable-next-line typescript/only-throw-error
      throw nothing
    })
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    const tools = { search: searchTool(() => Promise.reject(nothing)) }
    const settings = { prompt: 'Capital?', maxRetries: 0, stopWhen: stepCountIs(5), telemetry }
    const rejected = await generateText({ model: failing, tools, ...settings }).then(
      () => false,
      () => true,
    )
    expect(rejected).toBe(true)
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'error.type': expect.any(String), 'error.message': expect.any(String) })
    expect((await app.spans()).map(({ failed }) => failed)).toEqual([true, true])
  })

  it('registers nothing itself', () => {
    expect(globalThis.AI_SDK_TELEMETRY_INTEGRATIONS).toEqual([])
  })

  it('is quiet after shutdown', async () => {
    const consoleError = vi.spyOn(console, 'error')
    await app.raindrop.shutdown()
    await expect(
      generateText({ model: model(async () => text('Paris')), prompt: 'Capital?', telemetry }),
    ).resolves.toMatchObject({ text: 'Paris' })
    expect(app.ingest.requests).toEqual([])
    expect(consoleError).not.toHaveBeenCalled()
    consoleError.mockRestore()
  })

  it('never reaches the app when the client throws', async () => {
    const broken = new Proxy(
      {},
      {
        get() {
          throw new Error('broken')
        },
      },
    ) as never
    const result = await generateText({
      model: model(async () => text('Paris')),
      prompt: 'Capital?',
      telemetry: { integrations: raindropTelemetry(broken) },
    })
    expect(result.text).toBe('Paris')
  })
})

describe('parity', () => {
  const run = async (settings: { telemetry?: { integrations: Telemetry } }) => {
    let step = 0
    const stream = streamText({
      model: new MockLanguageModelV4({
        doStream: async () => ({
          stream: convertArrayToReadableStream<any>(
            step++ === 0
              ? [
                  { type: 'stream-start', warnings: [] },
                  { type: 'tool-call', toolCallId: '1', toolName: 'search', input: '{"q":"x"}' },
                  { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_calls' }, usage: tokens(1, 1) },
                ]
              : parts(['Pa', 'ris']),
          ),
        }),
      }),
      prompt: 'Capital?',
      tools: { search: searchTool(({ q }) => ({ found: q })) },
      stopWhen: stepCountIs(3),
      ...settings,
    })
    const chunks = await collect(stream.stream)
    return {
      chunks: chunks.map((chunk) => (chunk as { type: string }).type),
      text: await stream.text,
      usage: await stream.totalUsage,
      results: (await stream.steps)[0]?.toolResults,
    }
  }

  it('holds: the same parts, text, tool results and usage with and without it', async () => {
    expect(await run({ telemetry })).toEqual(await run({}))
  })
})

describe('against an OpenAI-compatible server', () => {
  it('tells the model, tokens and finish reason of both kinds of answer', async () => {
    const server = await startOpenAiServer(() => ({ text: 'It is Paris', usage: { prompt: 7, completion: 2 } }))
    const openai = createOpenAI({ baseURL: server.url, apiKey: 'none' })
    await generateText({ model: openai.chat('gpt-4o-mini'), prompt: 'Capital?', telemetry })
    await collect(streamText({ model: openai.chat('gpt-4o-mini'), prompt: 'Capital?', telemetry }).textStream)
    const events = await app.events()
    expect(events).toHaveLength(2)
    for (const { ai_data, properties } of events) {
      expect(ai_data).toEqual({ model: 'gpt-4o-mini', input: 'Capital?', output: 'It is Paris' })
      expect(properties).toMatchObject({
        'ai.usage.prompt_tokens': 7,
        'ai.usage.completion_tokens': 2,
        'ai.model.provider': 'openai.chat',
      })
    }
    await server.close()
  })
})

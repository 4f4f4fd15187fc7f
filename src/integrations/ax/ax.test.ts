import { agent, ai, ax, AxGen, AxMockAIService, flow, type AxChatResponse } from '@ax-llm/ax'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRaindropAx, type RaindropAx } from 'raindrop-js/ax'
import { createTracing } from 'raindrop-js/tracing'
import { startIngested, type Ingested } from '../../../test/support/ingested'
import { startOpenAiServer } from '../../../test/support/openai-server'

let app: Ingested
let raindrop: RaindropAx
beforeEach(async () => {
  app = await startIngested()
  raindrop = createRaindropAx({ raindrop: app.raindrop, userId: 'user_1' })
})
afterEach(() => app.close())

const usage = (prompt: number, completion: number) => ({
  ai: 'mock',
  model: 'mock-1',
  tokens: { promptTokens: prompt, completionTokens: completion, totalTokens: prompt + completion },
})

type Answer = Omit<AxChatResponse['results'][number], 'index'>

function response(answer: Answer, modelUsage = usage(3, 5)): AxChatResponse {
  return { results: [{ index: 0, finishReason: 'stop', ...answer }], modelUsage }
}

type Chat = (request: any, index: number) => AxChatResponse | ReadableStream<AxChatResponse>

function mockModel(chat: Chat, streaming = false) {
  let index = 0
  return new AxMockAIService<string>({
    features: { functions: true, streaming },
    chatResponse: async (request: unknown) => chat(request, index++),
  })
}

const textModel = (content: string) => mockModel(() => response({ content }))

/** Waits a turn between the parts, so that concurrent streams interleave. */
function streamed(parts: readonly string[], modelUsage = usage(3, 5)): ReadableStream<AxChatResponse> {
  let next = 0
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve))
      const content = parts[next++]
      const last = next === parts.length
      const result = { index: 0, id: '0', content: content ?? '', ...(last ? { finishReason: 'stop' as const } : {}) }
      controller.enqueue({ results: [result], ...(last ? { modelUsage } : {}) })
      if (last) controller.close()
    },
  })
}

/** Events arrive in any order: two requests are under way at a time. */
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const parts: T[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

const question = { question: 'What is the capital of France?' }
const newProgram = () => ax('question:string -> answer:string')

describe('a wrapped program', () => {
  it('is an event with input, output, model, tokens and finish reason', async () => {
    const program = raindrop.wrap(newProgram())
    await expect(program.forward(textModel('Answer: Paris'), question)).resolves.toEqual({ answer: 'Paris' })
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({ event: 'ai_generation', user_id: 'user_1', pending: false })
    expect(event.ai_data).toEqual({ model: 'mock-1', input: JSON.stringify(question), output: 'Paris' })
    expect(event.properties).toMatchObject({
      'ai.usage.prompt_tokens': 3,
      'ai.usage.completion_tokens': 5,
      'dspy.finish_reason': 'stop',
    })
  })

  it('tells the id of its event, under the name, user and conversation given', async () => {
    const ids: string[] = []
    const options = { event: 'answer', userId: 'u2', convoId: 'c2', onEvent: (id: string) => ids.push(id) }
    await raindrop.wrap(newProgram(), options).forward(textModel('Answer: Paris'), question)
    raindrop.trackSignal({ eventId: ids[0]!, name: 'thumbs_up' })
    const [event] = await app.events()
    expect(event).toMatchObject({ event_id: ids[0], event: 'answer', user_id: 'u2', ai_data: { convo_id: 'c2' } })
    expect(app.ingest.events()[0]?.signals).toMatchObject([{ signal_name: 'thumbs_up' }])
  })

  it('gives several output fields as JSON', async () => {
    const program = raindrop.wrap(ax('question:string -> answer:string, country:string'))
    await program.forward(textModel('Answer: Paris\nCountry: France'), question)
    const [event] = await app.events()
    expect(JSON.parse(event.ai_data.output)).toEqual({ answer: 'Paris', country: 'France' })
  })

  it('keeps examples, demos and everything else that was set on it', async () => {
    const program = raindrop.wrap(newProgram())
    program.setExamples([{ question: 'Capital of Spain?', answer: 'Madrid' }])
    program.setInstruction('Be brief.')
    const prompts: string[] = []
    const model = mockModel((request) => {
      prompts.push(JSON.stringify(request.chatPrompt))
      return response({ content: 'Answer: Paris' })
    })
    await program.forward(model, question)
    expect(prompts[0]).toContain('Madrid')
    expect(prompts[0]).toContain('Be brief.')
    expect(await app.events()).toHaveLength(1)
  })

  it('sums tokens over steps, and records its tool calls', async () => {
    const seen = vi.fn()
    const tool = (name: string, func: (args: any) => unknown) => ({
      name,
      description: `${name} for things that are needed`,
      parameters: { type: 'object', properties: { q: { type: 'string', description: 'what' } }, required: ['q'] },
      func,
    })
    const call = (id: string, name: string) => ({
      id,
      type: 'function' as const,
      function: { name, params: '{"q":"x"}' },
    })
    const model = mockModel((_, index) =>
      index === 0
        ? response({ content: '', functionCalls: [call('1', 'search')] }, usage(10, 1))
        : response({ content: 'Answer: Paris' }, usage(20, 2)),
    )
    const program = raindrop.wrap(
      ax('question:string -> answer:string', { functions: [tool('search', ({ q }) => ({ found: q }))] }),
    )
    await program.forward(model, question, { onFunctionCall: seen })
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 30, 'ai.usage.completion_tokens': 3 })
    const spans = await app.spans()
    const task = spans.find(({ parentSpanId }) => !parentSpanId)!
    const search = spans.find(({ name }) => name === 'search')!
    expect(search).toMatchObject({ parentSpanId: task.spanId, failed: false })
    expect(search.attributes).toMatchObject({
      'traceloop.span.kind': 'tool',
      'traceloop.entity.input': '{"q":"x"}',
      'traceloop.entity.output': '{"found":"x"}',
      'traceloop.association.properties.event_id': event.event_id,
    })
    expect(Number(search.attributes['traceloop.entity.duration_ms'])).toBeGreaterThanOrEqual(0)
    expect(event.properties.trace_id).toBe(task.traceId)
    expect(seen).toHaveBeenCalledWith(expect.objectContaining({ fn: 'search', ok: true }))
  })

  it('records a tool that fails', async () => {
    const search = {
      name: 'search',
      description: 'searches for things',
      func: () => Promise.reject(new Error('index is down')),
    }
    const functionCalls = [{ id: '1', type: 'function' as const, function: { name: 'search', params: '{}' } }]
    const program = raindrop.wrap(ax('question:string -> answer:string', { functions: [search] }))
    await expect(
      program.forward(
        mockModel(() => response({ content: '', functionCalls })),
        question,
      ),
    ).rejects.toThrow('index is down')
    const span = (await app.spans()).find(({ name }) => name === 'search')
    expect(span).toMatchObject({ failed: true })
  })

  it('joins what it streams, and begins again when a version rises', async () => {
    const parts = ['Answer: Pa', 'ris', ' it', ' is']
    const program = raindrop.wrap(newProgram())
    const chunks = await collect(
      program.streamingForward(
        mockModel(() => streamed(parts), true),
        question,
      ),
    )
    expect(chunks.map(({ delta }) => delta.answer).join('')).toBe('Paris it is')
    const [event] = await app.events()
    expect(event.ai_data).toMatchObject({ output: 'Paris it is', model: 'mock-1' })
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 3, 'dspy.finish_reason': 'stop' })
  })

  it('counts a retry, and keeps the text of the last version only', async () => {
    const program = newProgram()
    program.addAssert(({ answer }: any) => (answer?.includes('Paris') ? true : 'It is Paris.'))
    const model = mockModel((_, index) => response({ content: index === 0 ? 'Answer: Lyon' : 'Answer: Paris' }))
    await collect(raindrop.wrap(program).streamingForward(model, question))
    const [event] = await app.events()
    expect(event.ai_data.output).toBe('Paris')
    expect(event.properties['ai.usage.prompt_tokens']).toBe(6)
  })

  it('counts once what each part of a stream repeats', async () => {
    const part = (content: string, completion: number): AxChatResponse => ({
      results: [{ index: 0, id: '0', content }],
      modelUsage: usage(10, completion),
    })
    const parts = [part('Answer: Pa', 1), part('ris', 2), part('.', 3)]
    const stream = () =>
      new ReadableStream<AxChatResponse>({ start: (to) => (parts.forEach((p) => to.enqueue(p)), to.close()) })
    await collect(raindrop.wrap(newProgram()).streamingForward(mockModel(stream, true), question))
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 10, 'ai.usage.completion_tokens': 3 })
  })

  it('begins the text again where a version rises in mid-stream, and leaves other samples out', async () => {
    const program = raindrop.wrap({
      async *streamingForward() {
        yield { version: 0, index: 0, delta: { answer: 'Ly' } }
        yield { version: 1, index: 0, delta: { answer: 'Pa' } }
        yield { version: 1, index: 1, delta: { answer: 'Rome' } }
        yield { version: 1, index: 0, delta: { answer: 'ris' } }
      },
    })
    expect(await collect(program.streamingForward())).toHaveLength(4)
    const [event] = await app.events()
    expect(event.ai_data.output).toBe('Paris')
  })

  it('is no failure when a program inside it fails and it goes on', async () => {
    const inner = raindrop.wrap({ forward: () => Promise.reject(new Error('inner')) })
    const outer = raindrop.wrap({ forward: () => inner.forward().catch(() => ({ answer: 'so what' })) })
    await outer.forward()
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event.ai_data.output).toBe('so what')
    expect(event.properties).not.toHaveProperty(['error.type'])
    expect((await app.spans()).map(({ failed }) => failed).toSorted(byText)).toEqual([false, true])
  })

  it('is aborted, with what went by, when the reader stops early', async () => {
    const program = raindrop.wrap(newProgram())
    for await (const { delta } of program.streamingForward(
      mockModel(() => streamed(['Answer: Paris', ' and', ' more', ' of', ' it']), true),
      question,
    )) {
      if (delta.answer) break
    }
    const [event] = await app.events()
    expect(event).toMatchObject({ pending: false, properties: { aborted: true } })
    expect(event.ai_data.output).toMatch(/^Paris/)
  })

  describe('whose model tells no usage', () => {
    const silent = (chat: () => AxChatResponse | ReadableStream<AxChatResponse>) =>
      new AxMockAIService<string>({
        modelInfo: { name: 'own-model' },
        features: { functions: false, streaming: true },
        chatResponse: async () => chat(),
      })
    const parts = (): ReadableStream<AxChatResponse> =>
      new ReadableStream({
        start(to) {
          for (const content of ['Answer: Paris', ' and', ' more']) to.enqueue({ results: [{ index: 0, content }] })
          to.close()
        },
      })
    const failing = silent(() => {
      throw new Error('bad key')
    })
    const run = async (llm: AxMockAIService<string>, options: { model?: string; abortSignal?: AbortSignal } = {}) => {
      try {
        const stream = raindrop.wrap(newProgram()).streamingForward(llm, question, options)
        for await (const { delta } of stream) if (delta.answer) break
      } catch {
        // It is the event that matters.
      }
      return (await app.events())[0].ai_data.model
    }

    it('is of the model of the request when it fails', async () =>
      expect(await run(failing, { model: 'asked' })).toBe('asked'))
    it("is of the service's own model when it fails", async () => expect(await run(failing)).toBe('own-model'))
    it('is of it when the reader stops early', async () => expect(await run(silent(parts))).toBe('own-model'))
    it('is of it when it is aborted', async () => {
      const controller = new AbortController()
      const aborting = silent(() => (controller.abort(), parts()))
      expect(await run(aborting, { abortSignal: controller.signal })).toBe('own-model')
    })
    it('is of none where the service cannot say', async () => {
      const llm = {
        chat: () => Promise.reject(new Error('bad key')),
        getLastUsedChatModel() {
          throw new Error('none yet')
        },
      }
      const program = raindrop.wrap({ forward: async (service: typeof llm, _: object) => await service.chat() })
      await expect(program.forward(llm, question)).rejects.toThrow('bad key')
      expect((await app.events())[0].ai_data).toEqual({ input: JSON.stringify(question) })
    })
  })

  it('throws the error of the program itself on, and records it', async () => {
    const error = new TypeError('no such thing')
    const failing = mockModel(() => {
      throw error
    })
    const thrownBy = (program: ReturnType<typeof newProgram>): Promise<Error> =>
      program.forward(failing, question).then(
        () => new Error('nothing was thrown'),
        (thrown: Error) => thrown,
      )
    const plain = await thrownBy(newProgram())
    const thrown = await thrownBy(raindrop.wrap(newProgram()))
    expect([thrown.name, thrown.message, thrown.cause]).toEqual([plain.name, plain.message, plain.cause])
    const same = { forward: () => Promise.reject(error) }
    await expect(raindrop.wrap(same).forward()).rejects.toBe(error)
    const events = await app.events()
    expect(events.map(({ properties }) => [properties['error.type'], properties['error.message']])).toEqual([
      [thrown.name, thrown.message],
      ['TypeError', 'no such thing'],
    ])
  })

  it('names the finish reason of an answer that was cut', async () => {
    const model = mockModel(() => response({ content: 'Answer: Par', finishReason: 'length' }))
    await expect(raindrop.wrap(newProgram()).forward(model, question)).rejects.toThrow()
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'dspy.finish_reason': 'length', 'error.type': 'AxGenerateError' })
  })

  it('records an abort', async () => {
    const controller = new AbortController()
    const model = mockModel(() => {
      controller.abort()
      return streamed(['Answer: Paris', ' and', ' more'])
    }, true)
    const program = raindrop.wrap(newProgram())
    await expect(program.forward(model, question, { abortSignal: controller.signal })).rejects.toThrow()
    const [event] = await app.events()
    expect(event).toMatchObject({
      pending: false,
      properties: { aborted: true, 'error.type': 'AxAIServiceAbortedError' },
    })
  })

  it('does not mix 50 concurrent calls with interleaved streams', async () => {
    const model = mockModel((request) => {
      const n = Number(/number (\d+)/.exec(JSON.stringify(request.chatPrompt))![1])
      return streamed(['Answer: ', `it is `, `${n}`, ' in', ' the', ' end'], usage(n, n + 1))
    }, true)
    const program = raindrop.wrap(newProgram())
    const numbers = Array.from({ length: 50 }, (_, index) => index + 100)
    await Promise.all(numbers.map((n) => collect(program.streamingForward(model, { question: `number ${n}` }))))
    const events = await app.events()
    const found = events.map(({ ai_data: { input, output }, properties }) => [
      JSON.parse(input).question,
      output,
      properties['ai.usage.prompt_tokens'],
      properties['ai.usage.completion_tokens'],
    ])
    expect(found.toSorted(byText)).toEqual(
      numbers.map((n) => [`number ${n}`, `it is ${n} in the end`, n, n + 1]).toSorted(byText),
    )
  })

  it('works as a flow and inside one: the inner program is a step, not an event', async () => {
    const inner = raindrop.wrap(ax('question:string -> summary:string'))
    const outer = flow<{ question: string }>()
      .node('summarize', inner as any)
      .execute('summarize', (state: any) => ({ question: state.question }))
      .map((state: any) => ({ short: state.summarizeResult.summary }))
    const program = raindrop.wrap(outer)
    await expect(program.forward(textModel('Summary: short'), question)).resolves.toEqual({ short: 'short' })
    const events = await app.events()
    expect(events.map(({ ai_data }) => ai_data.output)).toEqual(['short'])
    expect(events[0].properties['ai.usage.prompt_tokens']).toBe(3)
    const spans = await app.spans()
    const root = spans.find(({ parentSpanId }) => !parentSpanId)!
    expect(
      spans
        .filter(({ parentSpanId }) => parentSpanId === root.spanId)
        .map(({ attributes }) => attributes['traceloop.span.kind']),
    ).toEqual(['task'])
  })

  it('works as an agent, whose tools are called by the code that the model writes', async () => {
    const search = {
      name: 'search',
      namespace: 'utils',
      description: 'searches for things that are needed',
      parameters: { type: 'object', properties: { q: { type: 'string', description: 'what' } }, required: ['q'] },
      func: async ({ q }: any) => ({ found: q }),
    }
    const code = 'const r = await utils.search({ q: "x" }); await final("go", { r })'
    const model = mockModel((request) => {
      const prompt = JSON.stringify(request.chatPrompt)
      if (!prompt.includes('Javascript Code')) return response({ content: 'Answer: Paris' })
      return response({
        content: `Javascript Code: ${prompt.includes('executes in the executor') ? 'await final("go", {})' : code}`,
      })
    })
    const program = raindrop.wrap(agent('question:string -> answer:string', { functions: [search] } as any))
    await expect(program.forward(model, question)).resolves.toMatchObject({ answer: 'Paris' })
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event.ai_data.output).toBe('Paris')
    expect(event.properties['ai.usage.prompt_tokens']).toBeGreaterThan(3)
    const spans = (await app.spans()).filter(({ name }) => name === 'search')
    expect(spans.map(({ attributes }) => attributes['traceloop.entity.output'])).toContain('{"found":"x"}')
  })
})

describe('a wrapped program in an interaction', () => {
  it('joins it, and fills at its end what the app left open', async () => {
    const interaction = app.raindrop.begin({ event: 'chat', userId: 'u', input: 'Capital?' })
    const program = raindrop.wrap(newProgram())
    await interaction.run(async () => {
      await program.forward(textModel('Answer: Lyon'), question)
      await program.forward(textModel('Answer: Paris'), question)
    })
    interaction.finish()
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({ event_id: interaction.id, event: 'chat', user_id: 'u', pending: false })
    expect(event.ai_data).toEqual({ input: 'Capital?', output: 'Paris', model: 'mock-1' })
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 6, 'ai.usage.completion_tokens': 10 })
    expect((await app.spans()).map(({ attributes }) => attributes['traceloop.entity.output'])).toEqual([
      'Lyon',
      'Paris',
    ])
  })

  it('leaves the words of the app alone', async () => {
    const interaction = app.raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi', model: 'mine' })
    await interaction.run(() => raindrop.wrap(newProgram()).forward(textModel('Answer: Paris'), question))
    interaction.appendOutput('It is Paris.').finish()
    const [event] = await app.events()
    expect(event.ai_data).toEqual({ input: 'Hi', output: 'It is Paris.', model: 'mine' })
  })

  it('is an event of its own once that is finished', async () => {
    const interaction = app.raindrop.begin({ event: 'chat', userId: 'u', input: 'Hi' })
    await interaction.run(async () => {
      interaction.finish('Hello!')
      await raindrop.wrap(newProgram()).forward(textModel('Answer: Paris'), question)
    })
    expect((await app.events()).map(({ ai_data }) => ai_data.output)).toEqual(['Hello!', 'Paris'])
  })
})

describe('the user of an event', () => {
  const run = (client: RaindropAx, userId?: string) =>
    client.wrap(newProgram(), userId === undefined ? {} : { userId }).forward(textModel('Answer: Paris'), question)

  it("is the call's, else the client's, else anonymous", async () => {
    await run(raindrop, 'u_call')
    await run(raindrop)
    await run(createRaindropAx({ raindrop: app.raindrop }))
    app.raindrop.configure({ userId: 'u_default' })
    await run(createRaindropAx({ raindrop: app.raindrop }))
    expect((await app.events()).map(({ user_id }) => user_id).toSorted(byText)).toEqual([
      'anonymous',
      'u_call',
      'u_default',
      'user_1',
    ])
  })
})

describe('the user of an interaction that is joined', () => {
  it.each([
    ['its own', {}, 'u_interaction', 'c_interaction'],
    ["the call's, where one is given", { userId: 'u_call', convoId: 'c_call' }, 'u_call', 'c_call'],
  ])('is %s', async (_, options, userId, convoId) => {
    const interaction = app.raindrop.begin({
      event: 'chat',
      userId: 'u_interaction',
      convoId: 'c_interaction',
      input: 'Hi',
    })
    await interaction.run(() => raindrop.wrap(newProgram(), options).forward(textModel('Answer: Paris'), question))
    interaction.finish()
    const [event, ...others] = await app.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({ event: 'chat', user_id: userId, ai_data: { input: 'Hi', convo_id: convoId } })
  })
})

describe('an object that is none of Ax', () => {
  it('is tracked when its forward is synchronous', async () => {
    const program = raindrop.wrap({
      model: 'rules',
      forward: (text: string) => ({ answer: text.toUpperCase(), finishReason: 'stop' }),
    })
    expect(program.forward('hi')).toEqual({ answer: 'HI', finishReason: 'stop' })
    const [event] = await app.events()
    expect(event.ai_data).toEqual({ input: 'hi', output: 'HI', model: 'rules' })
    expect(event.properties['dspy.finish_reason']).toBe('stop')
  })

  it.each([
    [
      'usage of the result',
      { forward: async () => ({ answer: 'a', usage: { prompt_tokens: 3, completion_tokens: 4 } }) },
    ],
    [
      'getUsage() of the result, by model',
      {
        forward: async () => ({
          answer: 'a',
          getUsage: () => ({ a: { inputTokens: 1, outputTokens: 1 }, b: { promptTokens: 2, completionTokens: 3 } }),
        }),
      },
    ],
    [
      'getUsage() of the program',
      { forward: async () => ({ answer: 'a' }), getUsage: () => ({ input_tokens: 3, output_tokens: 4 }) },
    ],
  ])('tells its tokens by %s', async (_, program) => {
    await raindrop.wrap(program as { forward(): Promise<unknown> }).forward()
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 3, 'ai.usage.completion_tokens': 4 })
    expect(event.ai_data.output).toBe('a')
  })

  it('has the difference where its usage is a history', async () => {
    const history = [{ tokens: { promptTokens: 100, completionTokens: 100 } }]
    const program = raindrop.wrap({
      getUsage: () => history,
      forward: async () => void history.push({ tokens: { promptTokens: 3, completionTokens: 4 } }),
    })
    await program.forward()
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'ai.usage.prompt_tokens': 3, 'ai.usage.completion_tokens': 4 })
  })

  it.each([undefined, null])('is an error where it throws %s', async (nothing) => {
    // An app may throw anything.
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    await expect(raindrop.wrap({ forward: () => Promise.reject(nothing) }).forward()).rejects.toBe(nothing)
    const [event] = await app.events()
    expect(event.properties).toMatchObject({ 'error.type': 'Error', 'error.message': `${nothing} was thrown.` })
    expect((await app.spans()).map(({ failed }) => failed)).toEqual([true])
  })

  it('has the usage told where a list of it tells of the last call', async () => {
    const program = raindrop.wrap({
      getUsage: () => [{ tokens: { promptTokens: 3, completionTokens: 4 } }],
      forward: async (fail?: boolean) => {
        if (fail) throw new Error('no')
      },
    })
    await program.forward()
    await program.forward(true).catch(() => undefined)
    const [told, failed] = await app.events()
    expect(told.properties).toMatchObject({ 'ai.usage.prompt_tokens': 3, 'ai.usage.completion_tokens': 4 })
    expect(failed.properties).not.toHaveProperty(['ai.usage.prompt_tokens'])
  })

  it.each([
    [
      'an async generator',
      async function* () {
        yield 'Pa'
        yield 'ris'
      },
    ],
    [
      'a ReadableStream',
      () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue('Pa')
            controller.enqueue('ris')
            controller.close()
          },
        }),
    ],
    [
      'a promise of a stream',
      async () =>
        (async function* () {
          yield 'Paris'
        })(),
    ],
  ])('streams: %s', async (_, streamingForward) => {
    const program = raindrop.wrap({ streamingForward: streamingForward as () => any })
    expect((await collect<string>(await program.streamingForward())).join('')).toBe('Paris')
    expect((await app.events()).map(({ ai_data }) => ai_data.output)).toEqual(['Paris'])
  })

  it('keeps private fields, classes, setters, identity and fluent methods', async () => {
    class Program {
      #calls = 0
      level = 1
      static kind = 'program'
      get calls() {
        return this.#calls
      }
      set lift(by: number) {
        this.#calls += by
      }
      raise() {
        this.#calls += 0
        this.level++
        return this
      }
      async forward(_: unknown) {
        this.#calls++
        return { answer: `call ${this.#calls}` }
      }
    }
    class Better extends Program {
      override async forward(input: unknown) {
        return super.forward(input)
      }
    }
    const inner = new Better()
    const program = raindrop.wrap(inner)
    expect(program).toBeInstanceOf(Better)
    expect(program.constructor).toBe(Better)
    expect(program.raise()).toBe(program)
    program.lift = 10
    expect(program.forward).toBe(program.forward)
    await expect(program.raise().forward({})).resolves.toEqual({ answer: 'call 11' })
    expect([program.calls, inner.calls, inner.level]).toEqual([11, 11, 3])
    expect(Object.keys(program)).toEqual(Object.keys(inner))
    expect(await app.events()).toHaveLength(1)
  })
})

describe('what must not be noticed', () => {
  it('a client that throws at everything', async () => {
    const broken = new Proxy(
      {},
      {
        get() {
          throw new Error('broken')
        },
      },
    ) as never
    const program = createRaindropAx({ raindrop: broken }).wrap(newProgram())
    await expect(program.forward(textModel('Answer: Paris'), question)).resolves.toEqual({ answer: 'Paris' })
    expect(
      await collect(
        program.streamingForward(
          mockModel(() => streamed(['Answer: Paris']), true),
          question,
        ),
      ),
    ).not.toEqual([])
  })

  it('an onEvent that throws', async () => {
    const onEvent = () => {
      throw new Error('mine')
    }
    await expect(
      raindrop.wrap(newProgram(), { onEvent }).forward(textModel('Answer: Paris'), question),
    ).resolves.toEqual({ answer: 'Paris' })
  })

  it('a missing key: the program runs, and nothing is sent', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const fetch = vi.fn()
    const client = createRaindropAx({ fetch, endpoint: app.ingest.url })
    await expect(client.wrap(newProgram()).forward(textModel('Answer: Paris'), question)).resolves.toEqual({
      answer: 'Paris',
    })
    await client.shutdown()
    expect(fetch).not.toHaveBeenCalled()
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })
})

describe('spans', () => {
  const run = async (options: Parameters<typeof createRaindropAx>[0]) => {
    const client = createRaindropAx({ writeKey: 'key', endpoint: app.ingest.url, userId: 'u', ...options })
    await client.wrap(newProgram()).forward(textModel('Answer: Paris'), question)
    await client.shutdown()
    return await app.spans()
  }

  it('are recorded without a plug-in', async () => expect(await run({})).toHaveLength(1))
  it('are recorded with one', async () =>
    expect(await run({ tracing: createTracing(), bypassOtelForTools: false })).toHaveLength(1))
  it('are not recorded when tracing is off', async () => expect(await run({ tracingEnabled: false })).toEqual([]))
  it('are not recorded without a plug-in when nothing may go past it', async () =>
    expect(await run({ bypassOtelForTools: false })).toEqual([]))
})

describe('parity', () => {
  type Program = ReturnType<typeof newProgram>
  const lyon = () => mockModel((_, index) => response({ content: index === 0 ? 'Answer: Lyon' : 'Answer: Paris' }))
  const isParis = (program: Program): Program => {
    program.addAssert(({ answer }: { answer?: string }) => (answer?.includes('Paris') ? true : 'It is Paris.'))
    return program
  }
  const scenarios: Array<[string, (wrap: (program: Program) => Program) => Promise<unknown>]> = [
    ['a result', async (wrap) => wrap(newProgram()).forward(textModel('Answer: Paris'), question)],
    ['a retried result', async (wrap) => wrap(isParis(newProgram())).forward(lyon(), question)],
    [
      'the parts of a stream',
      async (wrap) =>
        collect(
          wrap(newProgram()).streamingForward(
            mockModel(() => streamed(['Answer: Pa', 'ris', ' it is']), true),
            question,
          ),
        ),
    ],
    [
      'the versions of a retried stream',
      async (wrap) => collect(wrap(isParis(newProgram())).streamingForward(lyon(), question)),
    ],
    ['a wrong input', async (wrap) => wrap(newProgram()).forward(textModel('Answer: Paris'), {} as typeof question)],
    [
      'an answer that was cut',
      async (wrap) =>
        wrap(newProgram()).forward(
          mockModel(() => response({ content: 'Answer: Pa', finishReason: 'length' })),
          question,
        ),
    ],
    [
      'an answer without its field',
      async (wrap) => wrap(newProgram()).forward(textModel(''), question, { maxRetries: 1 }),
    ],
    [
      'a stream that is aborted',
      async (wrap) =>
        collect(
          wrap(newProgram()).streamingForward(
            mockModel(() => streamed(['Answer: Pa', 'ris']), true),
            question,
            { abortSignal: AbortSignal.abort() },
          ),
        ),
    ],
    [
      'usage, chat log and traces',
      async (wrap) => {
        const program = wrap(newProgram())
        await program.forward(textModel('Answer: Paris'), question)
        return [program.getUsage(), program.getChatLog().length, program.getTraces(), program.getSignature().toString()]
      },
    ],
  ]

  const outcomeOf = async (run: () => Promise<unknown>): Promise<unknown> => {
    try {
      return { value: await run() }
    } catch (error) {
      const { name, message, constructor } = error as Error
      return { name, message, constructor }
    }
  }

  it.each(scenarios)('holds for %s', async (_, scenario) => {
    const wrapped = await outcomeOf(() => scenario((program) => raindrop.wrap(program)))
    expect(wrapped).toEqual(await outcomeOf(() => scenario((program) => program)))
  })
})

describe('against an OpenAI-compatible server', () => {
  it('tells the model, tokens and finish reason of both kinds of answer', async () => {
    const server = await startOpenAiServer(() => ({ text: 'Answer: Paris', usage: { prompt: 7, completion: 2 } }))
    const llm = ai({
      name: 'openai',
      apiKey: 'none',
      apiURL: server.url,
      config: { model: 'gpt-4o-mini' as any, stream: false },
    })
    const program = raindrop.wrap(
      new AxGen<{ question: string }, { answer: string }>('question:string -> answer:string'),
    )
    await program.forward(llm, question, { stream: false })
    await collect(program.streamingForward(llm, question))
    const events = await app.events()
    expect(events.map(({ ai_data }) => ai_data)).toEqual(
      Array(2).fill({ input: JSON.stringify(question), output: 'Paris', model: 'gpt-4o-mini' }),
    )
    for (const { properties } of events) {
      expect(properties).toMatchObject({
        'ai.usage.prompt_tokens': 7,
        'ai.usage.completion_tokens': 2,
        'dspy.finish_reason': 'stop',
      })
    }
    await server.close()
  })
})

import { ai, ax, AxMockAIService, type AxAIService } from '@ax-llm/ax'
import { createRaindropAx, type RaindropAxOptions } from 'raindrop-js/ax'

/** A DSPy program, tracked: asks one question twice, once as a stream, and likes the first answer. Returns both answers. */
export async function askAboutParis(options: RaindropAxOptions, llm: AxAIService = chooseModel()) {
  const raindrop = createRaindropAx({ userId: 'user-123', ...options })
  let eventId = ''
  const program = ax('question:string -> answer:string', {
    functions: [
      {
        name: 'lookUp',
        description: 'Looks up a country and tells its capital',
        parameters: {
          type: 'object',
          properties: { country: { type: 'string', description: 'Name of the country' } },
          required: ['country'],
        },
        func: ({ country }: { country: string }) => (country === 'France' ? 'Paris' : 'unknown'),
      },
    ],
  })
  const tracked = raindrop.wrap(program, { event: 'capital_question', onEvent: (id) => (eventId ||= id) })

  const { answer } = await tracked.forward(llm, { question: 'What is the capital of France?' })
  let streamed = ''
  for await (const { delta } of tracked.streamingForward(llm, { question: 'And once more?' }))
    streamed += delta.answer ?? ''

  raindrop.trackSignal({ eventId, name: 'thumbs_up', sentiment: 'POSITIVE' })
  await raindrop.shutdown()
  return { answer, streamed, eventId }
}

/** Any OpenAI-compatible server at OPENAI_BASE_URL; without one a model that needs no network. */
function chooseModel(): AxAIService {
  const { OPENAI_BASE_URL: apiURL, OPENAI_API_KEY: apiKey = 'none' } = process.env
  if (apiURL) return ai({ name: 'openai', apiKey, apiURL })
  return new AxMockAIService<string>({
    features: { functions: false, streaming: false },
    chatResponse: {
      results: [{ index: 0, content: 'Answer: Paris', finishReason: 'stop' }],
      modelUsage: { ai: 'mock', model: 'mock-1', tokens: { promptTokens: 12, completionTokens: 3, totalTokens: 15 } },
    },
  })
}

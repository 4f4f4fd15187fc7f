import { ai, ax, AxMockAIService, type AxAIService } from '@ax-llm/ax'
import { createRaindropAx } from 'raindrop-js/ax'

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

const llm = chooseModel()
const raindrop = createRaindropAx({ userId: 'user-123', endpoint: process.env.RAINDROP_ENDPOINT })

// A DSPy program, and the line that tracks it.
const program = ax('question:string -> answer:string')
let eventId = ''
const tracked = raindrop.wrap(program, { event: 'capital_question', onEvent: (id) => (eventId ||= id) })

const { answer } = await tracked.forward(llm, { question: 'What is the capital of France?' })
console.log(answer)

let streamed = ''
for await (const { delta } of tracked.streamingForward(llm, { question: 'And once more?' }))
  streamed += delta.answer ?? ''
console.log(streamed)

// What a user thought of the first answer.
raindrop.trackSignal({ eventId, name: 'thumbs_up', sentiment: 'POSITIVE' })
await raindrop.shutdown()

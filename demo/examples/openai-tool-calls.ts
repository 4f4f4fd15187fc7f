// Traces OpenAI tool calls: an interaction is begun here and finished elsewhere, and the tool's call is a span under it.
// Run: OPENAI_API_KEY=… RAINDROP_WRITE_KEY=… node demo/examples/run.mjs openai-tool-calls
import OpenAI from 'openai'
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import { Raindrop } from 'raindrop-js'
import { createTracing } from 'raindrop-js/tracing'

const raindrop = new Raindrop({
  writeKey: process.env.RAINDROP_WRITE_KEY,
  endpoint: process.env.RAINDROP_ENDPOINT,
  tracing: createTracing(),
})

const question = "What's the weather in Boston, MA today?"

const getCurrentWeather = raindrop.tool('get_current_weather')(
  ({ location, unit = 'celsius' }: { location: string; unit?: string }) => ({
    location,
    temperature: 22,
    unit,
  }),
)

const tools: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_current_weather',
      parameters: {
        type: 'object',
        properties: { location: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
        required: ['location'],
      },
    },
  },
]

function sendToUser(text: string): void {
  // The current interaction, from the tracing context.
  raindrop.resumeInteraction().finish(text)
  console.log(`Sending to user: ${text}`)
}

const main = raindrop.interaction('weather_interaction')(async () => {
  // Key and address from OPENAI_API_KEY and OPENAI_BASE_URL.
  const client = new OpenAI()
  raindrop.begin({
    userId: 'user-001',
    event: 'weather_query',
    input: question,
    model: 'gpt-4o-mini',
    convoId: 'convo-weather-001',
  })
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: 'You are helpful. Use tools when needed.' },
    { role: 'user', content: question },
  ]
  const ask = () => client.chat.completions.create({ model: 'gpt-4o-mini', messages, tools, temperature: 0.2 })

  let { message } = (await ask()).choices[0]!
  while (message.tool_calls?.length) {
    messages.push(message)
    for (const call of message.tool_calls) {
      if (call.type !== 'function') continue
      const result =
        call.function.name === 'get_current_weather'
          ? getCurrentWeather(JSON.parse(call.function.arguments))
          : { error: 'unknown tool' }
      messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) })
    }
    message = (await ask()).choices[0]!.message
  }
  sendToUser(message.content ?? '')
})

await main()
await raindrop.shutdown()

/**
 * What the integrations add to the first chunk of a stream: CPU from the call to the first chunk, with and without, in 200 interleaved pairs.
 * The control pairs the unwrapped call with itself: what lies inside its spread is no difference. Fails over 2 ms.
 */
import { ax, AxMockAIService } from '@ax-llm/ax'
import { streamText } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { Raindrop } from 'raindrop-js'
import { raindropTelemetry } from 'raindrop-js/ai-sdk'
import { createRaindropAx } from 'raindrop-js/ax'

const PAIRS = 200
const WARM_UP = 30
const LIMIT_MS = 2

const raindrop = new Raindrop({ writeKey: 'key', userId: 'u', fetch: async () => new Response(null, { status: 204 }) })

const streamOf = (chunks) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })

const words = ['Answer: ', 'It ', 'is ', 'Paris ', 'of ', 'course.']

const llm = new AxMockAIService({
  features: { functions: false, streaming: true },
  chatResponse: async () =>
    streamOf(
      words.map((content, index) => ({
        results: [{ index: 0, id: '0', content, ...(index === words.length - 1 && { finishReason: 'stop' }) }],
      })),
    ),
})
const program = ax('question:string -> answer:string')
const tracked = createRaindropAx({ raindrop }).wrap(program)
const ask = (target) => () => target.streamingForward(llm, { question: 'What is the capital of France?' })

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
}
const model = new MockLanguageModelV4()
model.doStream = async () => ({
  stream: streamOf([
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '1' },
    ...words.map((delta) => ({ type: 'text-delta', id: '1', delta })),
    { type: 'text-end', id: '1' },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
  ]),
})
const telemetry = { integrations: raindropTelemetry(raindrop) }
const text = (settings) => () => streamText({ model, prompt: 'What is the capital of France?', ...settings }).textStream

async function cpuToFirstChunk(open) {
  const before = process.cpuUsage()
  const iterator = open()[Symbol.asyncIterator]()
  await iterator.next()
  const { user, system } = process.cpuUsage(before)
  while (!(await iterator.next()).done);
  return (user + system) / 1_000
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

async function compare(name, plain, wrapped) {
  const differences = []
  for (let pair = -WARM_UP; pair < PAIRS; pair++) {
    // Which one goes first alternates: the second finds warm caches.
    const [first, second] = pair % 2 === 0 ? [plain, wrapped] : [wrapped, plain]
    const one = await cpuToFirstChunk(first)
    const two = await cpuToFirstChunk(second)
    if (pair >= 0) differences.push(first === plain ? two - one : one - two)
    if (pair % 20 === 0) await raindrop.flush()
  }
  const added = median(differences)
  console.log(`${name.padEnd(24)} ${added.toFixed(3)} ms CPU added to the first chunk (median of ${PAIRS} pairs)`)
  return added
}

await compare('Ax, control', ask(program), () => ask(program)())
const ofAx = await compare('Ax', ask(program), ask(tracked))
await compare('AI SDK, control', text({}), () => text({})())
const ofAiSdk = await compare('AI SDK', text({}), text({ telemetry }))
await raindrop.shutdown()
if (Math.max(ofAx, ofAiSdk) > LIMIT_MS) {
  console.error(`The first chunk must not cost more than ${LIMIT_MS} ms of CPU.`)
  process.exitCode = 1
}

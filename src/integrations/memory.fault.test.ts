import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { generateText } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { Raindrop } from 'raindrop-js'
import { raindropTelemetry } from 'raindrop-js/ai-sdk'
import { createRaindropAx } from 'raindrop-js/ax'
import { expect, it } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const CALLS = 10_000
/** The client remembers its last 10,000 interactions: what is flat is what comes after them. */
const FLAT_BYTES = 2_000_000

const client = () =>
  new Raindrop({
    writeKey: 'key',
    userId: 'u',
    uploadIntervalMs: 20,
    fetch: async () => new Response(null, { status: 204 }),
  })

async function heapAfter(raindrop: Raindrop, call: (index: number) => Promise<unknown>): Promise<number> {
  for (let index = 0; index < CALLS; index++) {
    await call(index)
    if (index % 500 === 499) await raindrop.flush()
  }
  await raindrop.flush()
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  return process.memoryUsage().heapUsed
}

async function expectFlat(raindrop: Raindrop, call: (index: number) => Promise<unknown>): Promise<void> {
  const first = await heapAfter(raindrop, call)
  const second = await heapAfter(raindrop, call)
  expect(second - first).toBeLessThan(FLAT_BYTES)
  expect(raindrop.stats()).toMatchObject({ pending: 0 })
  await raindrop.shutdown()
}

it('holds no more after 20,000 calls of a program than after 10,000', async () => {
  const raindrop = client()
  const service = {
    chat: async () => ({
      results: [{ content: 'Paris', finishReason: 'stop' }],
      modelUsage: { model: 'm', tokens: { promptTokens: 3, completionTokens: 5 } },
    }),
  }
  const program = createRaindropAx({ raindrop }).wrap({
    forward: async (llm: typeof service, _: object) => ({ answer: (await llm.chat()).results[0]?.content }),
    async *streamingForward(llm: typeof service, _: object) {
      yield { version: 0, index: 0, delta: { answer: (await llm.chat()).results[0]?.content } }
    },
  })
  await expectFlat(raindrop, async (index) => {
    if (index % 2 === 0) return await program.forward(service, { question: `question ${index}` })
    // Every fourth reader stops early.
    for await (const _ of program.streamingForward(service, { question: `question ${index}` }))
      if (index % 4 === 1) break
    return undefined
  })
})

it('holds no more after 20,000 calls of the AI SDK than after 10,000', async () => {
  const raindrop = client()
  const usage = {
    inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 5, text: 5, reasoning: 0 },
  }
  const finishReason = { unified: 'stop' as const, raw: 'stop' }
  const content = [{ type: 'text' as const, text: 'Paris' }]
  const model = new MockLanguageModelV4()
  // The mock remembers its calls.
  model.doGenerate = async () => ({ content, finishReason, usage, warnings: [] })
  const telemetry = { integrations: raindropTelemetry(raindrop) }
  await expectFlat(raindrop, (index) => generateText({ model, prompt: `question ${index}`, telemetry }))
})

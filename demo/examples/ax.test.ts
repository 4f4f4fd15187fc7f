import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askAboutParis } from './ax'

let ingest: IngestServer
beforeEach(async () => {
  ingest = await startIngestServer()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await ingest.close()
})

/** Answers each chat completion with the same words, as a stream where one is asked for. */
async function startModel() {
  const server = createServer((message, response) => {
    let body = ''
    message.on('data', (part: Buffer) => (body += part.toString()))
    message.on('end', () => {
      const { stream, model } = JSON.parse(body) as { stream?: boolean; model: string }
      const usage = { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24 }
      const base = { id: 'chat-1', created: 1, model }
      const content = 'Answer: Paris'
      if (!stream) {
        response.setHeader('content-type', 'application/json')
        const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
        response.end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage }))
        return
      }
      response.setHeader('content-type', 'text/event-stream')
      const object = 'chat.completion.chunk'
      const choices = [{ index: 0, delta: { role: 'assistant', content }, finish_reason: 'stop' }]
      response.write(`data: ${JSON.stringify({ ...base, object, choices })}\n\n`)
      response.write(`data: ${JSON.stringify({ ...base, object, choices: [], usage })}\n\n`)
      response.end('data: [DONE]\n\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
}

describe('the example of Ax', () => {
  it('runs offline, and is seen', async () => {
    vi.stubEnv('OPENAI_BASE_URL', '')
    const { eventId, ...answers } = await askAboutParis({ writeKey: 'key', endpoint: ingest.url })
    expect(answers).toEqual({ answer: 'Paris', streamed: 'Paris' })
    const events = ingest.events()
    expect(events).toHaveLength(2)
    expect(events.find((event) => event.eventId === eventId)).toMatchObject({
      pending: false,
      body: {
        event: 'capital_question',
        user_id: 'user-123',
        ai_data: { model: 'mock-1', output: 'Paris' },
        properties: { 'ai.usage.prompt_tokens': 12, 'ai.usage.completion_tokens': 3, 'dspy.finish_reason': 'stop' },
      },
      signals: [{ signal_name: 'thumbs_up' }],
    })
  })

  it('runs against an OpenAI-compatible server', async () => {
    const { server, url } = await startModel()
    vi.stubEnv('OPENAI_BASE_URL', url)
    const answers = await askAboutParis({ writeKey: 'key', endpoint: ingest.url })
    expect(answers).toMatchObject({ answer: 'Paris', streamed: 'Paris' })
    for (const { body } of ingest.events()) {
      expect(body.properties).toMatchObject({ 'ai.usage.prompt_tokens': 20, 'ai.usage.completion_tokens': 4 })
    }
    server.close()
  })
})

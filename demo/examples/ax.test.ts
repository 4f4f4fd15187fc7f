import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const runner = fileURLToPath(new URL('run.mjs', import.meta.url))
let ingest: IngestServer
beforeEach(async () => {
  ingest = await startIngestServer()
})
afterEach(() => ingest.close())

async function run(OPENAI_BASE_URL: string): Promise<string> {
  const env = { ...process.env, RAINDROP_WRITE_KEY: 'key', RAINDROP_ENDPOINT: ingest.url, OPENAI_BASE_URL }
  const { stdout } = await promisify(execFile)(process.execPath, [runner, 'ax'], { env })
  return stdout
}

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
    expect(await run('')).toBe('Paris\nParis\n')
    const events = ingest.events()
    expect(events).toHaveLength(2)
    expect(events.filter(({ signals }) => signals.length > 0)).toMatchObject([
      {
        pending: false,
        body: {
          event: 'capital_question',
          user_id: 'user-123',
          ai_data: { model: 'mock-1', output: 'Paris' },
          properties: { 'ai.usage.prompt_tokens': 12, 'ai.usage.completion_tokens': 3, 'dspy.finish_reason': 'stop' },
        },
        signals: [{ signal_name: 'thumbs_up' }],
      },
    ])
  })

  it('runs against an OpenAI-compatible server', async () => {
    const { server, url } = await startModel()
    expect(await run(url)).toBe('Paris\nParis\n')
    expect(ingest.events()).toHaveLength(2)
    for (const { body } of ingest.events()) {
      expect(body.properties).toMatchObject({ 'ai.usage.prompt_tokens': 20, 'ai.usage.completion_tokens': 4 })
    }
    server.close()
  })
})

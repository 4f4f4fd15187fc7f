import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the model answers: texts come in words, with a finish reason and usage at the end. */
export interface ModelAnswer {
  text?: string
  toolCalls?: ReadonlyArray<{ name: string; args: unknown }>
  finishReason?: string
  usage?: { prompt: number; completion: number }
}

/** An OpenAI-compatible chat completions server on loopback. `answer` sees the parsed request. */
export async function startOpenAiServer(answer: (request: any, index: number) => ModelAnswer | number) {
  let served = 0
  const server = createServer((message, response) => {
    const parts: Buffer[] = []
    message.on('data', (part: Buffer) => parts.push(part))
    message.on('end', () => {
      const request = JSON.parse(Buffer.concat(parts).toString())
      const given = answer(request, served++)
      if (typeof given === 'number') {
        response.writeHead(given, { 'content-type': 'application/json' })
        return void response.end(JSON.stringify({ error: { message: `status ${given}`, type: 'server_error' } }))
      }
      const { text, toolCalls, usage = { prompt: 3, completion: 5 } } = given
      const finishReason = given.finishReason ?? (toolCalls ? 'tool_calls' : 'stop')
      const tokens = {
        prompt_tokens: usage.prompt,
        completion_tokens: usage.completion,
        total_tokens: usage.prompt + usage.completion,
      }
      const calls = toolCalls?.map(({ name, args }, index) => ({
        index,
        id: `call_${served}_${index}`,
        type: 'function',
        function: { name, arguments: JSON.stringify(args) },
      }))
      const base = { id: `chatcmpl-${served}`, created: 1, model: request.model }
      if (!request.stream) {
        response.writeHead(200, { 'content-type': 'application/json' })
        const reply = { role: 'assistant', content: text ?? null, ...(calls && { tool_calls: calls }) }
        const choices = [{ index: 0, message: reply, finish_reason: finishReason }]
        return void response.end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage: tokens }))
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (delta: object | undefined, more: object = {}): void => {
        const choices = delta ? [{ index: 0, delta, finish_reason: null, ...more }] : []
        const rest = delta ? {} : more
        response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`)
      }
      send({ role: 'assistant', content: '' })
      for (const word of text?.match(/\S+\s*/g) ?? []) send({ content: word })
      if (calls) send({ tool_calls: calls })
      send({}, { finish_reason: finishReason })
      send(undefined, { usage: tokens })
      return void response.end('data: [DONE]\n\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}

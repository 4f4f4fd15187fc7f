// @vitest-environment jsdom
import { DefaultChatTransport } from 'ai'
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test'
import { Raindrop } from 'raindrop-js'
import { startIngestServer } from 'raindrop-js/testing'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, it, vi } from 'vitest'
import { Chat } from './chat'
import { createChatRoute, type ChatMessage } from './route'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const usage = {
  inputTokens: { total: 9, noCache: 9, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, text: 2, reasoning: 0 },
}
const model = new MockLanguageModelV4({
  modelId: 'mock-1',
  doStream: async () => ({
    stream: convertArrayToReadableStream([
      { type: 'stream-start', warnings: [] },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'It is ' },
      { type: 'text-delta', id: '1', delta: 'Paris.' },
      { type: 'text-end', id: '1' },
      { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
    ]),
  }),
})

async function show(props: Omit<Parameters<typeof Chat>[0], 'feedback'>) {
  const seen: Array<{ eventId: string; token?: string }> = []
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  const feedback = (target: { eventId: string; token?: string }) => {
    seen.push(target)
    return <button data-event={target.eventId}>👍</button>
  }
  await act(async () => root.render(<Chat {...props} feedback={feedback} />))
  return { place, seen, root }
}

it('gives each answer what feedback needs, and the same again after a reload', async () => {
  const ingest = await startIngestServer()
  const raindrop = new Raindrop({ writeKey: 'key', endpoint: ingest.url })
  const saved = new Map<string, ChatMessage[]>()
  const { POST } = createChatRoute({
    raindrop,
    model,
    tokens: { mint: async (eventId) => `token of ${eventId}` },
    save: async (chatId, messages) => void saved.set(chatId, messages),
  })
  const transport = new DefaultChatTransport<ChatMessage>({
    api: 'http://localhost/api/chat',
    fetch: async (url, init) => {
      // The signal is jsdom's own, which Node's Request does not take.
      const { signal: _, ...rest } = init ?? {}
      return await POST(new Request(url as string, rest))
    },
  })

  const first = await show({ chatId: 'chat_1', transport })
  await act(async () => first.place.querySelector<HTMLButtonElement>('button:last-of-type')!.click())
  await act(async () => vi.waitFor(() => expect(saved.has('chat_1')).toBe(true)))
  expect(first.place.textContent).toContain('It is Paris.')
  const shown = first.seen.at(-1)!
  expect(shown.token).toBe(`token of ${shown.eventId}`)
  await act(async () => first.root.unmount())

  const again = await show({
    chatId: 'chat_1',
    initialMessages: JSON.parse(JSON.stringify(saved.get('chat_1'))) as ChatMessage[],
  })
  expect(again.seen.at(-1)).toEqual(shown)
  expect(again.place.querySelector(`[data-event="${shown.eventId}"]`)).not.toBeNull()
  await act(async () => again.root.unmount())

  await raindrop.shutdown()
  expect(ingest.events()).toMatchObject([
    {
      eventId: shown.eventId,
      pending: false,
      body: {
        event: 'chat_message',
        user_id: 'user-123',
        ai_data: {
          convo_id: 'chat_1',
          model: 'mock-1',
          input: 'What is the capital of France?',
          output: 'It is Paris.',
        },
        properties: { 'ai.usage.prompt_tokens': 9 },
      },
    },
  ])
  await ingest.close()
})

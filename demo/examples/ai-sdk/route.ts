import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  streamText,
  toUIMessageStream,
  type LanguageModel,
  type ToolSet,
  type UIMessage,
} from 'ai'
import type { Raindrop } from 'raindrop-js'
import { messageMetadata, raindropTelemetry, type MessageMetadata } from 'raindrop-js/ai-sdk'

/** A message as the browser gets it: it carries what feedback on it needs. */
export type ChatMessage = UIMessage<Partial<MessageMetadata>>

export interface ChatRouteOptions {
  raindrop: Raindrop
  model: LanguageModel
  /** `createFeedbackTokens({ secret })` of raindrop-js/relay. */
  tokens?: { mint(eventId: string): Promise<string> }
  /** Keeps the conversation, ids of events included, in the app's own storage. */
  save: (chatId: string, messages: ChatMessage[]) => Promise<void>
}

/** The route handler behind `useChat`: one interaction for each answer. */
export function createChatRoute({ raindrop, model, tokens, save }: ChatRouteOptions) {
  const telemetry = raindropTelemetry(raindrop)

  async function POST(request: Request): Promise<Response> {
    const { id: chatId, messages } = (await request.json()) as { id: string; messages: ChatMessage[] }
    const interaction = raindrop.begin({ event: 'chat_message', userId: 'user-123', convoId: chatId })
    const prompt = await convertToModelMessages(messages)
    const result = interaction.run(() =>
      streamText({
        model,
        messages: prompt,
        abortSignal: request.signal,
        telemetry: { integrations: telemetry },
      }),
    )
    const stream = toUIMessageStream<ToolSet, ChatMessage>({
      stream: result.stream,
      originalMessages: messages,
      messageMetadata: await messageMetadata(interaction, tokens),
      onEnd: async (ended) => {
        // Input, output, model and tokens are there from the telemetry.
        interaction.finish()
        await save(chatId, ended.messages)
      },
    })
    return createUIMessageStreamResponse({ stream })
  }

  return { POST }
}

import type { Interaction } from 'raindrop-js'

/** What the browser gets on a message: enough for feedback on it. */
export interface MessageMetadata {
  raindrop: { eventId: string; token?: string }
}

/**
 * `createFeedbackTokens()` of `raindrop-js/relay`.
 * @inline
 */
interface Tokens {
  mint(eventId: string): Promise<string>
}

/**
 * For `toUIMessageStream({ messageMetadata })`: the message carries `{ raindrop: { eventId, token } }` from the stream's first part on, which
 * is what feedback on it needs. A token that cannot be made is left out; the answer matters more.
 * @example
 * const metadata = await messageMetadata(interaction, tokens)
 * return createUIMessageStreamResponse({ stream: toUIMessageStream({ stream: result.stream, messageMetadata: metadata }) })
 */
export async function messageMetadata(
  interaction: Interaction,
  tokens?: Tokens,
): Promise<(options: { part: { type: string } }) => MessageMetadata | undefined> {
  const eventId = interaction.id
  const token = await mint(eventId, tokens)
  const metadata = { raindrop: token === undefined ? { eventId } : { eventId, token } }
  return ({ part }) => (part.type === 'start' ? metadata : undefined)
}

async function mint(eventId: string, tokens: Tokens | undefined): Promise<string | undefined> {
  try {
    return await tokens?.mint(eventId)
  } catch {
    return undefined
  }
}

import type { AnswerBody, ConversationStore } from '../conversations/conversation-store'
import type { AnswerEnd, AnswerPart } from './answer-part'
import { endRunning, startRunning } from './running'
import { streamAnswer, type AnswerRequest } from './stream-answer'
import { untilAborted } from './until-aborted'

const brokeOff = 'The answer broke off. Ask again.'

/** The answer as the page gets it: tracked as an interaction on its way, and stored at its end, whatever that is. */
export async function* trackedAnswer(
  request: Omit<AnswerRequest, 'signal'>,
  conversations: ConversationStore,
): AsyncGenerator<AnswerPart | AnswerEnd> {
  const { interaction, mode } = request
  const signal = startRunning(interaction.id)
  const body: AnswerBody = { status: 'open', text: '', sources: [], model: mode.model }
  // Finishes the interaction with the text that went by, also when it is stopped or breaks off.
  const parts = interaction.trackStream(streamAnswer({ ...request, signal }), textOf)
  let isHandingOver = false
  try {
    for await (const part of untilAborted(parts, signal)) {
      if (part.kind === 'text') body.text += part.text
      if (part.kind === 'sources') body.sources = [...part.sources]
      isHandingOver = true
      yield part
      isHandingOver = false
    }
    body.status = signal.aborted ? 'stopped' : 'done'
  } catch (error) {
    // The page went away: that is thrown at us where we hand something over.
    body.status = isHandingOver ? 'stopped' : 'failed'
    if (!isHandingOver) {
      body.error = brokeOff
      console.error('chat: an answer broke off', error)
    }
  } finally {
    if (body.status === 'open') body.status = 'stopped'
    await conversations.end(interaction.id, body).finally(() => endRunning(interaction.id))
  }
  yield { kind: 'end', status: body.status, ...(body.error && { error: body.error }) }
}

const textOf = (part: AnswerPart) => (part.kind === 'text' ? part.text : undefined)

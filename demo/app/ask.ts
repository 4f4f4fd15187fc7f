'use server'

import { randomUUID } from 'node:crypto'
import { after } from 'next/server'
import { answerMode } from '../server/answer/answer-mode'
import { streamAnswer } from '../server/answer/stream-answer'
import { sectionTitle } from '../server/docs/section'
import { searchDocs, type Passage } from '../server/docs/search-docs'
import { getRaindrop } from '../server/raindrop'
import { isUuid, visitorId } from '../server/visitor'

/** A passage as the page shows it under the answer. */
export interface Source {
  id: string
  file: string
  title: string
  text: string
}

export type Answer =
  | { ok: true; eventId: string; convoId: string; sources: Source[]; text: AsyncIterable<string> }
  | { ok: false; error: string }

const maxQuestionLength = 2_000

/** Answers at once with the id and the sources; the text follows as a stream. */
export async function ask(question: string, convoId?: string): Promise<Answer> {
  // Whoever can reach the page can call this with anything.
  const input = typeof question === 'string' ? question.trim() : ''
  if (!input) return { ok: false, error: 'Type a question first.' }
  if (input.length > maxQuestionLength) return { ok: false, error: `Ask in at most ${maxQuestionLength} characters.` }

  const raindrop = getRaindrop()
  const mode = answerMode()
  const conversation = isUuid(convoId) ? convoId : randomUUID()
  const interaction = raindrop.begin({
    event: 'docs_question',
    userId: await visitorId(),
    convoId: conversation,
    input,
    model: mode.model,
    properties: { answer_mode: mode.kind },
  })
  // After the response, the stream included: the visitor never waits for the delivery.
  after(() => raindrop.flush())

  try {
    const startedAt = performance.now()
    const passages = await searchDocs(input)
    interaction
      .setProperties({ search_ms: Math.round(performance.now() - startedAt), passages: passages.map(summary) })
      .addAttachments(passages.map(attachment))
    return {
      ok: true,
      eventId: interaction.id,
      convoId: conversation,
      sources: passages.map(({ id, file, headings, text }) => ({
        id,
        file,
        title: sectionTitle({ file, headings }),
        text,
      })),
      // Finishes the interaction with what went by, also when it breaks off.
      text: interaction.trackStream(streamAnswer(mode, input, passages)),
    }
  } catch (error) {
    interaction.finish({ properties: { 'error.message': error instanceof Error ? error.message : String(error) } })
    return { ok: false, error: 'The documentation could not be searched. Try again.' }
  }
}

const summary = ({ id, score }: Passage) => ({ id, score: Math.round(score * 10) / 10 })

/** What the answer was made from. The id lets a later vote point at one passage. */
const attachment = (passage: Passage) => ({
  type: 'text' as const,
  role: 'input' as const,
  name: `${passage.file} › ${sectionTitle(passage)}`,
  value: passage.text,
  attachmentId: passage.id,
})

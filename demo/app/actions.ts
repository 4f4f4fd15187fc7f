'use server'

import { randomUUID } from 'node:crypto'
import { flushAfter } from 'raindrop-js/next'
import { answerMode } from '../server/answer/answer-mode'
import type { AnswerEnd, AnswerPart } from '../server/answer/answer-part'
import { stopRunning } from '../server/answer/running'
import { trackedAnswer } from '../server/answer/tracked-answer'
import type { Turn } from '../server/conversations/conversation'
import { getConversations } from '../server/conversations/open-conversations'
import { getRaindrop } from '../server/raindrop'
import { getTokens } from '../server/tokens'
import { currentVisitor, isUuid, visitorId } from '../server/visitor'

/** Whoever can reach the page can call these with anything: each checks what it is given. */

export type StartedAnswer =
  | { ok: true; eventId: string; token: string; model: string; parts: AsyncIterable<AnswerPart | AnswerEnd> }
  | { ok: false; error: string }

const maxQuestionLength = 2_000

/** Answers at once with the id and a token for feedback; the rest follows as a stream. */
export async function ask(question: string, convoId: string, turnId: string): Promise<StartedAnswer> {
  const input = typeof question === 'string' ? question.trim() : ''
  if (!input) return { ok: false, error: 'Type a question first.' }
  if (input.length > maxQuestionLength) return { ok: false, error: `Ask in at most ${maxQuestionLength} characters.` }
  if (!isUuid(convoId) || !isUuid(turnId)) return { ok: false, error: 'This page is too old. Reload it.' }
  return startAnswer({ visitorId: await visitorId(), convoId, turnId, question: input, used: [] })
}

/** Another answer to the same question, from other passages where there are some. */
export async function answerAgain(eventId: string): Promise<StartedAnswer> {
  const visitor = await currentVisitor()
  const asked = visitor && (await (await getConversations()).asked(visitor, String(eventId)))
  if (!asked) return { ok: false, error: 'This question is no longer there.' }
  return startAnswer({ visitorId: visitor, ...asked, again: String(eventId) })
}

/** Ends an answer that is being written; what is there of it stays. */
export async function stopAnswer(eventId: string): Promise<void> {
  const visitor = await currentVisitor()
  const asked = visitor && (await (await getConversations()).asked(visitor, String(eventId)))
  if (asked) stopRunning(String(eventId))
}

export async function deleteConversation(convoId: string): Promise<void> {
  const visitor = await currentVisitor()
  if (visitor && isUuid(convoId)) await (await getConversations()).remove(visitor, convoId)
}

interface Start {
  visitorId: string
  convoId: string
  turnId: string
  question: string
  used: readonly string[]
  /** The answer that this one takes the place of. */
  again?: string
}

async function startAnswer({
  visitorId: visitor,
  convoId,
  turnId,
  question,
  used,
  again,
}: Start): Promise<StartedAnswer> {
  const conversations = await getConversations()
  const mode = answerMode()
  const eventId = randomUUID()
  // Quotes need no history.
  const earlier = mode.kind === 'model' ? await conversations.open(visitor, convoId) : null
  if (!(await conversations.begin({ visitorId: visitor, convoId, turnId, eventId, question, model: mode.model })))
    return { ok: false, error: 'This conversation is full. Begin a new one.' }

  const raindrop = getRaindrop()
  const interaction = raindrop.begin({
    event: 'docs_question',
    eventId,
    userId: visitor,
    convoId,
    input: question,
    model: mode.model,
    properties: { answer_mode: mode.kind, ...(again && { regenerates: again }) },
  })
  // After the response, the stream included: the visitor never waits for the delivery.
  flushAfter(raindrop)
  const request = {
    interaction,
    mode,
    question,
    used,
    history: historyOf(earlier?.turns.filter((turn) => turn.turnId !== turnId) ?? []),
  }
  return {
    ok: true,
    eventId,
    token: await getTokens().mint(eventId, { subject: visitor }),
    model: mode.model,
    parts: trackedAnswer(request, conversations),
  }
}

const historyOf = (turns: readonly Turn[]) =>
  turns.map(({ question, answers }) => ({ question, text: answers.at(-1)?.text ?? '' }))

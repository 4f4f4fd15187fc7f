'use client'

import { useCallback, useMemo, useReducer } from 'react'
import { answerAgain, ask, deleteConversation, stopAnswer, type StartedAnswer } from '../../app/actions'
import type { ConversationSummary } from '../../server/conversations/conversation'
import { newId } from './new-id'
import { changeChat, changeOf, newAnswer, type ShownAnswer, type ShownTurn } from './turns'

/** The conversations of this visit, and what can be done in them. */
export function useChatState(list: readonly ConversationSummary[]) {
  const [state, dispatch] = useReducer(changeChat, { list, turns: {}, current: null })

  const follow = useCallback(async (convoId: string, key: string, started: Promise<StartedAnswer>) => {
    const change = (change: Partial<ShownAnswer>) => dispatch({ type: 'answer changed', convoId, key, change })
    try {
      const answer = await started
      if (!answer.ok) return change({ status: 'failed', error: answer.error })
      const { eventId, token, model } = answer
      change({ eventId, token, model })
      await collect(answer.parts, change)
    } catch {
      change({ status: 'failed', error: 'The answer broke off. Ask again.' })
    }
  }, [])

  const actions = useMemo(
    () => ({
      /** `turns`: as they are stored. */
      open: (convoId: string | null, turns: readonly ShownTurn[] | undefined) =>
        dispatch({ type: 'opened', convoId, turns }),

      send(convoId: string, question: string): void {
        const [turnId, key] = [newId(), newId()]
        dispatch({ type: 'asked', convoId, turn: { turnId, question, answers: [newAnswer(key)] } })
        void follow(convoId, key, ask(question, convoId, turnId))
      },

      again(convoId: string, turnId: string, eventId: string): void {
        const key = newId()
        dispatch({ type: 'asked again', convoId, turnId, answer: newAnswer(key) })
        void follow(convoId, key, answerAgain(eventId))
      },

      stop: (eventId: string) => void stopAnswer(eventId).catch(() => undefined),

      async remove(convoId: string): Promise<void> {
        await deleteConversation(convoId)
        dispatch({ type: 'removed', convoId })
      },
    }),
    [follow],
  )

  return { ...state, ...actions }
}

type Parts = Extract<StartedAnswer, { ok: true }>['parts']

/** Shows the text at most once per frame, however fast its pieces come. */
async function collect(parts: Parts, change: (change: Partial<ShownAnswer>) => void): Promise<void> {
  let text = ''
  let frame = 0
  for await (const part of parts) {
    if (part.kind !== 'text') {
      change({ ...changeOf(part), text })
      continue
    }
    text += part.text
    frame ||= requestAnimationFrame(() => {
      frame = 0
      change({ text })
    })
  }
  cancelAnimationFrame(frame)
  change({ text })
}

'use client'

import { useEffect, useRef } from 'react'
import type { AnswerMode } from '../../server/answer/answer-mode'
import { useChat } from './chat-provider'
import { Composer } from './composer'
import { newId } from './new-id'
import { TurnView } from './turn-view'
import { isBusy, isOpen, type ShownConversation, type ShownTurn } from './turns'
import { conversationPath, useConvoId } from './use-convo-id'
import { useScrollToTurn } from './use-scroll-to-turn'
import { Welcome } from './welcome'
import styles from './chat.module.css'

const noTurns: readonly ShownTurn[] = []

interface ChatProps {
  mode: AnswerMode
  /** As it was stored when the page was made. */
  conversation: ShownConversation | null
}

export function Chat({ mode, conversation }: ChatProps) {
  const chat = useChat()
  const convoId = useConvoId()
  const stored = conversation?.convoId === convoId ? conversation?.turns : undefined
  const turns = (convoId && chat.turns[convoId]) || stored || noTurns
  const open = turns.flatMap(({ answers }) => answers).find(isOpen)
  const textarea = useRef<HTMLTextAreaElement>(null)
  const list = useScrollToTurn<HTMLDivElement>(convoId, turns.length)
  const rememberOpen = chat.open
  useEffect(() => rememberOpen(convoId), [rememberOpen, convoId])

  const submit = (question: string) => {
    const id = convoId ?? newId()
    chat.send(id, turns, question)
    // The address changes under the page: a navigation would take the stream away.
    if (!convoId) window.history.replaceState(null, '', conversationPath(id))
    textarea.current?.focus()
  }

  return (
    <main id="content" className={styles.chat}>
      <div className={styles.scroller}>
        <div className={styles.column}>
          {turns.length === 0 ? (
            <Welcome onAsk={submit} />
          ) : (
            <>
              <h1 className="visually-hidden">Ask the documentation</h1>
              <div ref={list} role="log" aria-label="Conversation" className={styles.turns}>
                {turns.map((turn) => (
                  <TurnView
                    key={turn.turnId}
                    turn={turn}
                    onAgain={(eventId) => convoId && chat.again(convoId, turns, { turnId: turn.turnId, eventId })}
                    canAsk={!isBusy(turns)}
                  />
                ))}
              </div>
            </>
          )}
        </div>
      </div>
      <div className={styles.dock}>
        <div className={styles.column}>
          <Composer
            ref={textarea}
            isBusy={isBusy(turns)}
            onSend={submit}
            onStop={open?.eventId ? () => chat.stop(open.eventId!) : undefined}
          />
          <p className={styles.mode} data-testid="answer-mode">
            {mode.kind === 'model' ? (
              <>
                Answered by <strong>{mode.model}</strong> from this repository’s documentation. Check the sources.
              </>
            ) : (
              <>
                <strong>No model is configured:</strong> answers quote this repository’s documentation.
              </>
            )}
          </p>
        </div>
      </div>
    </main>
  )
}

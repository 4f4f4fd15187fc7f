'use client'

import { useRef } from 'react'
import type { AnswerMode } from '../../server/answer/answer-mode'
import { Composer } from './composer'
import { TurnView } from './turn-view'
import { useChat } from './chat-provider'
import { useScrollToTurn } from './use-scroll-to-turn'
import { Welcome } from './welcome'
import styles from './chat.module.css'

export function Chat({ mode }: { mode: AnswerMode }) {
  const { turns, isBusy, send } = useChat()
  const textarea = useRef<HTMLTextAreaElement>(null)
  const list = useScrollToTurn<HTMLDivElement>(turns.length)

  const submit = (question: string) => {
    void send(question)
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
                  <TurnView key={turn.key} turn={turn} />
                ))}
              </div>
            </>
          )}
        </div>
      </div>
      <div className={styles.dock}>
        <div className={styles.column}>
          <Composer ref={textarea} isBusy={isBusy} onSend={submit} />
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

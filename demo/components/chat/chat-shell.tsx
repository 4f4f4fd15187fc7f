'use client'

import { RaindropProvider } from 'raindrop-js/react'
import type { ReactNode } from 'react'
import type { AnswerMode } from '../../server/answer/answer-mode'
import { raindrop } from './browser-client'
import { useChat } from './chat-provider'
import { Composer } from './composer'
import type { NetworkMode } from './network-mode'
import { PageBar } from './page-bar'
import { Sidebar } from './sidebar'
import { isBusy, openAnswer } from './turns'
import { useAsk } from './use-ask'
import { useConvoId } from './use-convo-id'
import styles from './chat-shell.module.css'

interface ChatShellProps {
  mode: AnswerMode
  networkMode: NetworkMode
  /** The conversation. */
  children: ReactNode
}

/** What stays when another conversation is opened, with what is being typed. */
export function ChatShell({ mode, networkMode, children }: ChatShellProps) {
  const chat = useChat()
  const ask = useAsk()
  const convoId = useConvoId()
  const turns = (convoId && chat.turns[convoId]) || []
  const eventId = openAnswer(turns)?.eventId
  return (
    <RaindropProvider client={raindrop}>
      <div className={styles.shell}>
        <Sidebar networkMode={networkMode} />
        <PageBar networkMode={networkMode} />
        <main id="content" className={styles.chat}>
          <div className={styles.scroller}>
            <div className={styles.column}>{children}</div>
          </div>
          <div className={styles.dock}>
            <div className={styles.column}>
              <Composer isBusy={isBusy(turns)} onSend={ask} onStop={eventId ? () => chat.stop(eventId) : undefined} />
              <ModeNote mode={mode} />
            </div>
          </div>
        </main>
      </div>
    </RaindropProvider>
  )
}

function ModeNote({ mode }: { mode: AnswerMode }) {
  return (
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
  )
}

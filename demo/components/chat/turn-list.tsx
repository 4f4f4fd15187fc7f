'use client'

import { RaindropProvider } from 'raindrop-js/react'
import { useEffect } from 'react'
import { raindrop } from './browser-client'
import { useChat } from './chat-provider'
import { TurnView } from './turn-view'
import { isBusy, votesOf, type ShownConversation } from './turns'
import { useAsk } from './use-ask'
import { useConvoId } from './use-convo-id'
import { useScrollToTurn } from './use-scroll-to-turn'
import { Welcome } from './welcome'
import styles from './turn-list.module.css'

/** The conversation of the address. `stored`: as the server had it when the page was made; what was said since counts more. */
export function TurnList({ stored }: { stored: ShownConversation | null }) {
  const { turns: said, open, again } = useChat()
  const ask = useAsk()
  const convoId = useConvoId()
  const opened = stored?.convoId === convoId ? stored?.turns : undefined
  const turns = (convoId && said[convoId]) || opened || []
  const list = useScrollToTurn<HTMLDivElement>(convoId, turns.length)
  useEffect(() => open(convoId, opened), [open, convoId, opened])

  if (turns.length === 0) return <Welcome onAsk={ask} />
  return (
    // The server's copy of the votes, so that they show on the first paint; the browser's own is not read yet then.
    <RaindropProvider client={raindrop} initialFeedback={votesOf(opened ?? [])}>
      <h1 className="visually-hidden">Ask the documentation</h1>
      <div ref={list} role="log" aria-label="Conversation" className={styles.turns}>
        {turns.map((turn) => (
          <TurnView
            key={turn.turnId}
            turn={turn}
            onAgain={(eventId) => convoId && again(convoId, turn.turnId, eventId)}
            canAsk={!isBusy(turns)}
          />
        ))}
      </div>
    </RaindropProvider>
  )
}

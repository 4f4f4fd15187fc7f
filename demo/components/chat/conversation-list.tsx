'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { ConversationSummary } from '../../server/conversations/conversation'
import { useChat } from './chat-provider'
import { conversationPath, useConvoId } from './use-convo-id'
import styles from './conversation-list.module.css'

export function ConversationList({ onOpen }: { onOpen: () => void }) {
  const { list } = useChat()
  return (
    <nav aria-label="Conversations" className={styles.frame}>
      {list.length === 0 ? (
        <p className={styles.empty}>What you ask is kept here.</p>
      ) : (
        <ul className={styles.list}>
          {list.map((summary) => (
            <Entry key={summary.convoId} summary={summary} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </nav>
  )
}

function Entry({ summary: { convoId, title }, onOpen }: { summary: ConversationSummary; onOpen: () => void }) {
  const { remove } = useChat()
  const router = useRouter()
  const isCurrent = useConvoId() === convoId
  const [isAsking, setAsking] = useState(false)

  const confirm = () => {
    void remove(convoId).catch(() => setAsking(false))
    if (isCurrent) router.push('/')
  }

  if (isAsking) {
    return (
      <li className={styles.entry} data-asking="true">
        <span className={styles.question}>Delete it for good?</span>
        <button type="button" className={styles.confirm} onClick={confirm} autoFocus>
          Delete
        </button>
        <button type="button" className={styles.keep} onClick={() => setAsking(false)}>
          Keep
        </button>
      </li>
    )
  }
  return (
    <li className={styles.entry}>
      <Link
        href={conversationPath(convoId)}
        className={styles.link}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={onOpen}
      >
        {title}
      </Link>
      <button type="button" className={styles.bin} aria-label={`Delete “${title}”`} onClick={() => setAsking(true)}>
        <svg aria-hidden="true" viewBox="0 0 20 20" width="16" height="16">
          <path
            d="M4 6h12M8 6V4h4v2m-6 0 .6 10h6.800L14 6"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.600"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
      </button>
    </li>
  )
}

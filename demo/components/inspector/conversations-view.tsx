'use client'

import { useSearchParams } from 'next/navigation'
import { useRef } from 'react'
import { ConversationThread } from './conversation-thread'
import { EmptyState, Unreachable } from './empty-state'
import type { Conversation, ConversationPage, EventPage } from './events'
import { LocalTime } from './local-time'
import { StateBadge } from './state-badge'
import { useConversations } from './use-conversations'
import { useKeyboard } from './use-keyboard'
import { conversationsAddress, go, parametersNow, replace } from './view'
import lines from './event-list.module.css'
import styles from './panes.module.css'

interface ConversationsViewProps {
  initial: ConversationPage | null
  initialThread: EventPage | null
  ingestUrl: string
}

export function ConversationsView({ initial, initialThread, ingestUrl }: ConversationsViewProps) {
  const parameters = useSearchParams()
  const openId = parameters.get('open')
  const user = parameters.get('user')
  const { conversations, status, hasMore, loadMore } = useConversations(user, initial)
  const list = useRef<HTMLUListElement>(null)
  const open = (convoId: string | null) => go(conversationsAddress(convoId, user))

  const step = (by: 1 | -1) => {
    const openNow = parametersNow().get('open')
    const at = conversations.findIndex(({ convoId }) => convoId === openNow)
    const next = conversations[at === -1 ? 0 : at + by]
    if (!next) return
    replace(conversationsAddress(next.convoId, user))
    list.current?.querySelector<HTMLElement>(`[data-convo="${CSS.escape(next.convoId)}"]`)?.focus()
  }
  useKeyboard({ j: () => step(1), k: () => step(-1), Escape: () => openId && open(null) })

  if (conversations.length === 0 && !openId) {
    return (
      <div className={styles.pane}>
        {status === 'failed' && <Unreachable ingestUrl={ingestUrl} />}
        {status === 'ready' && <EmptyState ingestUrl={ingestUrl} />}
      </div>
    )
  }
  return (
    <div className={styles.panes} data-selected={openId !== null}>
      <div className={styles.listPane}>
        <p className={lines.caption}>
          {user ? (
            <>
              Of user {user}.{' '}
              <a
                href={conversationsAddress(openId)}
                onClick={(click) => {
                  click.preventDefault()
                  go(conversationsAddress(openId))
                }}
              >
                Show all
              </a>
            </>
          ) : (
            'By their newest event'
          )}
        </p>
        <div className={styles.scroller}>
          <ul className={lines.list} aria-label="Conversations, newest first" ref={list}>
            {conversations.map((conversation) => (
              <li key={conversation.convoId}>
                <ConversationLine
                  conversation={conversation}
                  address={conversationsAddress(conversation.convoId, user)}
                  isOpen={conversation.convoId === openId}
                  onOpen={open}
                />
              </li>
            ))}
          </ul>
          {hasMore && (
            <button type="button" className={styles.more} onClick={() => void loadMore()}>
              Show older conversations
            </button>
          )}
        </div>
      </div>
      <div className={styles.detailPane}>
        {openId ? (
          <>
            <button type="button" className={styles.back} onClick={() => open(null)}>
              All conversations
            </button>
            <ConversationThread
              key={openId}
              convoId={openId}
              initial={initialThread?.events[0]?.convoId === openId ? initialThread : null}
            />
          </>
        ) : (
          <p className={styles.hint}>Choose a conversation to read it.</p>
        )}
      </div>
    </div>
  )
}

interface ConversationLineProps {
  conversation: Conversation
  address: string
  isOpen: boolean
  onOpen: (convoId: string) => void
}

function ConversationLine({ conversation, address, isOpen, onOpen }: ConversationLineProps) {
  const { convoId, userId, events, lastAt, firstInput, lastInput, pending, positive, negative } = conversation
  return (
    <a
      className={lines.line}
      href={address}
      data-convo={convoId}
      aria-current={isOpen || undefined}
      onClick={(click) => {
        if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return
        click.preventDefault()
        onOpen(convoId)
      }}
    >
      <span className={lines.top}>
        <span className={lines.name}>{firstInput ?? convoId}</span>
        {pending && <StateBadge pending />}
        <span className={lines.time}>
          <LocalTime value={lastAt} />
        </span>
      </span>
      {lastInput && lastInput !== firstInput && <span className={lines.preview}>{lastInput}</span>}
      <span className={lines.counts}>
        {[
          `${events >= 1_000 ? '1,000 or more' : events} event${events === 1 ? '' : 's'}`,
          ...(positive > 0 ? [`${positive} up`] : []),
          ...(negative > 0 ? [`${negative} down`] : []),
          ...(userId ? [userId] : []),
        ].join(' · ')}
      </span>
    </a>
  )
}

'use client'

import Link from 'next/link'
import { useCallback, useState } from 'react'
import type { EventPage, EventSummary } from './events'
import { LocalTime } from './local-time'
import { read } from './read'
import { StateBadge } from './state-badge'
import { useLiveRefresh } from './use-live-messages'
import { useResource } from './use-resource'
import { eventsAddress, filterQuery } from './view'
import styles from './conversation-thread.module.css'

const refreshMs = 700

/** The turns of a conversation from the first to the last, with what people said about them. */
export function ConversationThread({ convoId, initial }: { convoId: string; initial: EventPage | null }) {
  const query = filterQuery({ convo: convoId })
  const { resource, refresh } = useResource<EventPage>(`events${query}`, { initial })
  const [older, setOlder] = useState<EventPage | null>(null)
  useLiveRefresh(refresh, refreshMs)

  const first = resource.status === 'ready' ? resource.value : null
  const nextCursor = (older ?? first)?.nextCursor ?? null
  const loadOlder = useCallback(async () => {
    if (!nextCursor) return
    const next = await read<EventPage>(`events${query}&before=${nextCursor}`).catch(() => null)
    if (next) setOlder((known) => ({ events: [...(known?.events ?? []), ...next.events], nextCursor: next.nextCursor }))
  }, [query, nextCursor])

  if (!first) {
    return (
      <p className={styles.note} role="status">
        {resource.status === 'loading' ? 'Loading the conversation' : 'The ingest did not answer.'}
      </p>
    )
  }
  const turns = [
    ...new Map([...first.events, ...(older?.events ?? [])].map((event) => [event.eventId, event])).values(),
  ]
  const [latest] = turns
  return (
    <article className={styles.thread} aria-label="Conversation">
      <h2 className={styles.title}>Conversation</h2>
      <p className={styles.facts}>
        <code>{convoId}</code>
        {latest?.userId && <Link href={eventsAddress({ user: latest.userId })}>{latest.userId}</Link>}
        <Link href={eventsAddress({ convo: convoId })}>Its events</Link>
      </p>
      {turns.length === 0 && <p className={styles.note}>No event has this conversation yet.</p>}
      {nextCursor && (
        <button type="button" className={styles.more} onClick={() => void loadOlder()}>
          Show what was before
        </button>
      )}
      <ol className={styles.turns} aria-label="Turns">
        {turns.toReversed().map((event) => (
          <li key={event.eventId}>
            <Turn event={event} />
          </li>
        ))}
      </ol>
    </article>
  )
}

const previewLength = 240

function Turn({ event }: { event: EventSummary }) {
  const { eventId, input, output, error, pending, positive, negative, signals, model } = event
  return (
    <section className={styles.turn} aria-label={input ?? event.event ?? 'Turn'}>
      {input && <p className={styles.input}>{shortened(input)}</p>}
      {output ? (
        <p className={styles.output}>{shortened(output)}</p>
      ) : (
        <p className={styles.missing}>{pending ? 'No answer yet' : 'Without an answer'}</p>
      )}
      {error && <p className={styles.error}>{error}</p>}
      <p className={styles.meta}>
        <LocalTime value={event.receivedAt} withDate />
        {pending && <StateBadge pending />}
        {model && <span>{model}</span>}
        {positive > 0 && <span className={styles.up}>{positive} up</span>}
        {negative > 0 && <span className={styles.down}>{negative} down</span>}
        {signals > 0 && <span>{signals === 1 ? '1 signal' : `${signals} signals`}</span>}
        <Link href={eventsAddress({}, eventId)}>The whole event</Link>
      </p>
    </section>
  )
}

/** The list brings the beginning of a text; all of it is at the event. */
const shortened = (text: string) => (text.length < previewLength ? text : `${text}…`)

'use client'

import type { ReactNode } from 'react'
import type { EventDetail, EventSummary, WireAttachment, WireSignal } from './events'
import { LocalTime } from './local-time'
import { StateBadge } from './state-badge'
import { useEventDetail } from './use-event-detail'
import styles from './event-detail.module.css'

export function EventDetailView({ eventId, line }: { eventId: string; line: EventSummary | undefined }) {
  const state = useEventDetail(eventId, line)
  if (state.status === 'ready') return <Loaded event={state.event} />
  return (
    <p className={styles.note} role="status">
      {notes[state.status]}
    </p>
  )
}

const notes = {
  loading: 'Loading the event',
  missing: 'No event has this id. It may not have arrived yet: it shows here as soon as it does.',
  failed: 'The ingest did not answer. The event shows again when it is back.',
}

/** Everything is shown as text: what an event holds came from outside and is never rendered as HTML. */
function Loaded({ event }: { event: EventDetail }) {
  const { ai_data, attachments = [], properties = {} } = event.body
  return (
    <article className={styles.detail} aria-label="Event">
      <header className={styles.head}>
        <h2 className={styles.name}>{event.event ?? 'Without a name'}</h2>
        <StateBadge pending={event.pending} />
      </header>
      <dl className={styles.facts}>
        <Fact name="Event id" value={<code>{event.eventId}</code>} />
        <Fact name="User" value={event.userId && <code>{event.userId}</code>} />
        <Fact name="Conversation" value={event.convoId && <code>{event.convoId}</code>} />
        <Fact name="Model" value={event.model} />
        <Fact name="Received" value={<LocalTime value={event.receivedAt} withDate />} />
        <Fact name="Last change" value={<LocalTime value={event.updatedAt} withDate />} />
      </dl>
      <TextBlock title="Input" text={ai_data?.input} />
      <TextBlock title="Output" text={ai_data?.output} />
      <Block title="Attachments" count={attachments.length}>
        {attachments.map((attachment, index) => (
          <Attachment key={attachment.attachment_id ?? index} attachment={attachment} />
        ))}
      </Block>
      <Block title="Signals" count={event.signalList.length}>
        {event.signalList.map(({ signalId, receivedAt, body }) => (
          <Signal key={signalId} receivedAt={receivedAt} signal={body} />
        ))}
      </Block>
      <Block title="Properties" count={Object.keys(properties).length}>
        <Json value={properties} />
      </Block>
      <details className={styles.fold}>
        <summary>Whole body, as stored</summary>
        <Json value={event.body} />
      </details>
    </article>
  )
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  if (!value) return null
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function TextBlock({ title, text }: { title: string; text: string | undefined }) {
  return (
    <section className={styles.block} aria-label={title}>
      <h3>{title}</h3>
      {text ? <p className={styles.text}>{text}</p> : <p className={styles.none}>None yet</p>}
    </section>
  )
}

function Block({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  return (
    <section className={styles.block} aria-label={title}>
      <h3>
        {title} <span className={styles.count}>{count}</span>
      </h3>
      {count > 0 ? children : <p className={styles.none}>None</p>}
    </section>
  )
}

function Attachment({ attachment }: { attachment: WireAttachment }) {
  const { type, role, name, language, value } = attachment
  return (
    <details className={styles.fold}>
      <summary>
        <span className={styles.foldName}>{name ?? type}</span>
        <span className={styles.foldNote}>{[role, type, language].filter(Boolean).join(' · ')}</span>
      </summary>
      <pre tabIndex={0}>{value}</pre>
    </details>
  )
}

function Signal({ signal, receivedAt }: { signal: WireSignal; receivedAt: string }) {
  const { signal_name, signal_type, sentiment, properties } = signal
  const { comment, after } = (properties ?? {}) as { comment?: string; after?: string }
  return (
    <details className={styles.fold} open>
      <summary>
        <span className={styles.foldName}>{signal_name}</span>
        <span className={styles.foldNote}>
          {[signal_type, sentiment?.toLowerCase()].filter(Boolean).join(' · ')} <LocalTime value={receivedAt} />
        </span>
      </summary>
      {comment && <p className={styles.text}>{comment}</p>}
      {after && <p className={styles.text}>{after}</p>}
      <Json value={signal} />
    </details>
  )
}

function Json({ value }: { value: unknown }) {
  return <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
}

'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { Attachment } from './attachment'
import { JsonBlock } from './code-block'
import type { EventDetail, EventSummary } from './events'
import { LocalTime } from './local-time'
import { SignalList } from './signal-list'
import { StateBadge } from './state-badge'
import { TraceView } from './trace-view'
import { useResource } from './use-resource'
import { conversationsAddress, eventsAddress } from './view'
import styles from './event-detail.module.css'

interface EventDetailViewProps {
  eventId: string
  line: EventSummary | undefined
  initial: EventDetail | null
}

/** One event in full, read again whenever its line in the list changes. */
export function EventDetailView({ eventId, line, initial }: EventDetailViewProps) {
  const { resource } = useResource<EventDetail>(`events/${encodeURIComponent(eventId)}`, {
    initial,
    version: line ? `${line.updatedAt} ${line.signals} ${line.spans}` : '',
  })
  if (resource.status === 'ready') return <Loaded event={resource.value} />
  return (
    <p className={styles.note} role="status">
      {notes[resource.status]}
    </p>
  )
}

const notes = {
  loading: 'Loading the event',
  missing: 'No event has this id. It may not have arrived yet: it shows here as soon as it does.',
  failed: 'The ingest did not answer. The event shows again when it is back.',
}

/** What an event holds came from outside: it is shown as text, and nothing in it is loaded before somebody asks for it. */
function Loaded({ event }: { event: EventDetail }) {
  const { ai_data, attachments = [], properties = {}, feature_flags } = event.body
  return (
    <article className={styles.detail} aria-label="Event">
      <header className={styles.head}>
        <h2 className={styles.name}>{event.event ?? 'Without a name'}</h2>
        <StateBadge pending={event.pending} isFailed={event.error !== null} />
      </header>
      {event.error && <p className={styles.error}>{event.error}</p>}
      <dl className={styles.facts}>
        <Fact name="Event id">
          <code>{event.eventId}</code>
        </Fact>
        <Fact name="User">
          {event.userId && <Link href={eventsAddress({ user: event.userId })}>{event.userId}</Link>}
        </Fact>
        <Fact name="Conversation">
          {event.convoId && <Link href={conversationsAddress(event.convoId)}>{event.convoId}</Link>}
        </Fact>
        <Fact name="Model">
          {event.model && <Link href={eventsAddress({ model: event.model })}>{event.model}</Link>}
        </Fact>
        <Fact name="Tracked">{event.body.timestamp && <LocalTime value={event.body.timestamp} withDate />}</Fact>
        <Fact name="Received">
          <LocalTime value={event.receivedAt} withDate />
        </Fact>
        <Fact name="Last change">
          <LocalTime value={event.updatedAt} withDate />
        </Fact>
        <Fact name="Tokens">{tokens(properties)}</Fact>
      </dl>
      <TextBlock title="Input" text={ai_data?.input} isOpen={event.pending} />
      <TextBlock title="Output" text={ai_data?.output} isOpen={event.pending} />
      <Block title="Attachments" count={attachments.length}>
        {attachments.map((attachment, index) => (
          <Attachment key={attachment.attachment_id ?? index} attachment={attachment} />
        ))}
      </Block>
      <Block title="Signals" count={event.signalList.length}>
        <SignalList event={event} />
      </Block>
      <Block title="Trace" count={event.trace.length}>
        <TraceView spans={event.trace} />
      </Block>
      <Block title="Properties" count={Object.keys(properties).length}>
        <JsonBlock value={properties} label="Properties as JSON" />
      </Block>
      {feature_flags && (
        <Block title="Feature flags" count={Object.keys(feature_flags).length}>
          <JsonBlock value={feature_flags} label="Feature flags as JSON" />
        </Block>
      )}
      {event.traits && (
        <Block title="Traits of the user" count={Object.keys(event.traits).length}>
          <JsonBlock value={event.traits} label="Traits as JSON" />
        </Block>
      )}
      <details className={styles.fold}>
        <summary>Whole body, as stored</summary>
        <JsonBlock value={event.body} label="Whole body" />
      </details>
    </article>
  )
}

function tokens(properties: Record<string, unknown>): string | null {
  const [input, output] = ['ai.usage.prompt_tokens', 'ai.usage.completion_tokens'].map((name) => properties[name])
  if (typeof input !== 'number' && typeof output !== 'number') return null
  return `${input ?? '?'} in, ${output ?? '?'} out`
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function TextBlock({ title, text, isOpen }: { title: string; text: string | undefined; isOpen: boolean }) {
  return (
    <section className={styles.block} aria-label={title}>
      <h3>{title}</h3>
      {text ? <p className={styles.text}>{text}</p> : <p className={styles.none}>{isOpen ? 'None yet' : 'None'}</p>}
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

'use client'

import type { MouseEvent } from 'react'
import type { EventSummary } from './events'
import { LocalTime } from './local-time'
import { StateBadge } from './state-badge'
import styles from './event-list.module.css'

interface EventListProps {
  events: readonly EventSummary[]
  selectedId: string | null
  onSelect: (eventId: string) => void
}

export function EventList({ events, selectedId, onSelect }: EventListProps) {
  return (
    <ul className={styles.list} aria-label="Events, newest first">
      {events.map((event) => (
        <li key={event.eventId}>
          <EventLine event={event} isSelected={event.eventId === selectedId} onSelect={onSelect} />
        </li>
      ))}
    </ul>
  )
}

interface EventLineProps {
  event: EventSummary
  isSelected: boolean
  onSelect: (eventId: string) => void
}

function EventLine({ event, isSelected, onSelect }: EventLineProps) {
  const { eventId, pending, receivedAt, input, output, attachments, signals } = event
  const select = (click: MouseEvent) => {
    // A link stays a link: new tab, new window and copying its address work.
    if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return
    click.preventDefault()
    onSelect(eventId)
  }
  return (
    <a
      className={styles.line}
      href={`/inspector?event=${encodeURIComponent(eventId)}`}
      aria-current={isSelected || undefined}
      onClick={select}
    >
      <span className={styles.top}>
        <span className={styles.name}>{event.event ?? 'without a name'}</span>
        <StateBadge pending={pending} />
        <span className={styles.time}>
          <LocalTime value={receivedAt} />
        </span>
      </span>
      <span className={styles.preview}>{input ?? output ?? eventId}</span>
      <span className={styles.counts}>
        {counted(attachments, 'attachment')} · {counted(signals, 'signal')}
      </span>
    </a>
  )
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

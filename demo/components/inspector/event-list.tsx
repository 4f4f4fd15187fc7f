'use client'

import { memo, type MouseEvent } from 'react'
import type { EventSummary } from './events'
import { LocalTime } from './local-time'
import { StateBadge } from './state-badge'
import { eventsAddress, type Filter } from './view'
import styles from './event-list.module.css'

interface EventListProps {
  events: readonly EventSummary[]
  filter: Filter
  selectedId: string | null
  onSelect: (eventId: string) => void
}

export function EventList({ events, filter, selectedId, onSelect }: EventListProps) {
  return (
    <ul className={styles.list} aria-label="Events, newest first">
      {events.map((event) => (
        <li key={event.eventId}>
          <EventLine
            event={event}
            address={eventsAddress(filter, event.eventId)}
            isSelected={event.eventId === selectedId}
            onSelect={onSelect}
          />
        </li>
      ))}
    </ul>
  )
}

interface EventLineProps {
  event: EventSummary
  address: string
  isSelected: boolean
  onSelect: (eventId: string) => void
}

const EventLine = memo(
  function EventLine({ event, address, isSelected, onSelect }: EventLineProps) {
    const { eventId, pending, receivedAt, input, output, error } = event
    const select = (click: MouseEvent) => {
      // A link stays a link: new tab, new window and copying its address work.
      if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return
      click.preventDefault()
      onSelect(eventId)
    }
    return (
      <a
        className={styles.line}
        href={address}
        data-event={eventId}
        aria-current={isSelected || undefined}
        onClick={select}
      >
        <span className={styles.top}>
          <span className={styles.name}>{event.event ?? 'Without a name'}</span>
          <StateBadge pending={pending} isFailed={error !== null} />
          <span className={styles.time}>
            <LocalTime value={receivedAt} />
          </span>
        </span>
        <span className={styles.preview}>{input ?? output ?? eventId}</span>
        <span className={styles.counts}>{counts(event).join(' · ') || 'No model, no signal'}</span>
      </a>
    )
  },
  // `onSelect` is made anew with every render and differs by the filter only, which is in the address.
  (before, after) =>
    before.event === after.event && before.address === after.address && before.isSelected === after.isSelected,
)

function counts({ attachments, signals, positive, negative, spans, model }: EventSummary): string[] {
  return [
    ...(model ? [model] : []),
    ...counted(attachments, 'attachment'),
    ...counted(signals, 'signal'),
    ...(positive > 0 ? [`${positive} up`] : []),
    ...(negative > 0 ? [`${negative} down`] : []),
    ...counted(spans, 'span'),
  ]
}

const counted = (count: number, noun: string) => (count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`])

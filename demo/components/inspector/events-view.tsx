'use client'

import { useSearchParams } from 'next/navigation'
import { useRef } from 'react'
import { EmptyState, NoMatch, Unreachable } from './empty-state'
import { EventDetailView } from './event-detail'
import { EventList } from './event-list'
import type { EventDetail, EventPage, EventSummary, Facets } from './events'
import { Filters } from './filters'
import { useEvents } from './use-events'
import { useKeyboard } from './use-keyboard'
import { eventsAddress, filterOf, filterQuery, go, parametersNow, replace, selectionOf } from './view'
import styles from './panes.module.css'

interface EventsViewProps {
  initial: EventPage | null
  initialEvent: EventDetail | null
  facets: Facets
  ingestUrl: string
}

/** The list and one event. The address holds the filters and the selection, so that it can be sent to somebody and Back works. */
export function EventsView({ initial, initialEvent, facets, ingestUrl }: EventsViewProps) {
  const parameters = useSearchParams()
  const filter = filterOf(parameters)
  const selectedId = selectionOf(parameters)
  const { events, hasMore, isFailed, isStale, isLoadingMore, loadMore } = useEvents(filter, initial)
  const search = useRef<HTMLInputElement>(null)
  const detail = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const isFiltered = filterQuery(filter) !== ''
  const select = (eventId: string | null) => go(eventsAddress(filter, eventId))

  const step = (by: 1 | -1) => {
    const now = parametersNow()
    const at = events.findIndex(({ eventId }) => eventId === selectionOf(now))
    const next = events[at === -1 ? 0 : at + by]
    if (!next) return
    replace(eventsAddress(filterOf(now), next.eventId))
    lineOf(list.current, next)?.focus()
  }
  useKeyboard({
    j: () => step(1),
    k: () => step(-1),
    '/': (press) => {
      press.preventDefault()
      search.current?.focus()
      search.current?.select()
    },
    Enter: (press) => {
      if (!selectedId || isButton(press.target)) return
      press.preventDefault()
      detail.current?.focus()
    },
    Escape: (press) => {
      if (isFieldOf(press.target)) return (press.target as HTMLElement).blur()
      if (!selectedId) return
      const line = events.find(({ eventId }) => eventId === selectedId)
      select(null)
      // On a narrow page the list is only there once the event is not.
      requestAnimationFrame(() => line && lineOf(list.current, line)?.focus())
    },
  })

  if (events.length === 0 && !selectedId && !isFiltered && !isStale) {
    return (
      <div className={styles.pane}>
        {isFailed ? <Unreachable ingestUrl={ingestUrl} /> : <EmptyState ingestUrl={ingestUrl} />}
      </div>
    )
  }
  return (
    <div className={styles.panes} data-selected={selectedId !== null}>
      <div className={styles.listPane}>
        <Filters filter={filter} facets={facets} searchRef={search} />
        <div className={styles.scroller} aria-busy={isStale} ref={list}>
          {events.length === 0 && !isStale ? (
            <NoMatch onClear={() => go(eventsAddress({}, selectedId))} />
          ) : (
            <EventList events={events} filter={filter} selectedId={selectedId} onSelect={select} />
          )}
          {hasMore && (
            <button type="button" className={styles.more} disabled={isLoadingMore} onClick={() => void loadMore()}>
              {isLoadingMore ? 'Loading' : 'Show older events'}
            </button>
          )}
        </div>
      </div>
      <div className={styles.detailPane} ref={detail} tabIndex={-1} role="region" aria-label="Chosen event">
        {selectedId ? (
          <>
            <button type="button" className={styles.back} onClick={() => select(null)}>
              All events
            </button>
            <EventDetailView
              eventId={selectedId}
              line={events.find(({ eventId }) => eventId === selectedId)}
              initial={initialEvent?.eventId === selectedId ? initialEvent : null}
            />
          </>
        ) : (
          <>
            <p className={styles.hint}>Choose an event to see all of it.</p>
            <Keys />
          </>
        )}
      </div>
    </div>
  )
}

function Keys() {
  return (
    <p className={styles.keys}>
      <span>
        <kbd>j</kbd> <kbd>k</kbd> next and previous
      </span>
      <span>
        <kbd>Enter</kbd> into the event
      </span>
      <span>
        <kbd>Esc</kbd> back to the list
      </span>
      <span>
        <kbd>/</kbd> search
      </span>
    </p>
  )
}

const lineOf = (list: HTMLElement | null, { eventId }: EventSummary) =>
  list?.querySelector<HTMLElement>(`[data-event="${CSS.escape(eventId)}"]`)

const isFieldOf = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input, select, textarea')

/** Enter means something there already. A line of the list is a link too, but of what is open anyway. */
const isButton = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('button, summary, a:not([aria-current])') !== null

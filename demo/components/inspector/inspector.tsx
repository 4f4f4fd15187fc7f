'use client'

import { useSearchParams } from 'next/navigation'
import { EmptyState } from './empty-state'
import { EventDetailView } from './event-detail'
import { EventList } from './event-list'
import type { EventPage } from './events'
import { useEvents, type Connection } from './use-events'
import styles from './inspector.module.css'

/** The address holds the selection, so that it can be sent to somebody and the browser's Back works. */
export function Inspector({ initial, ingestUrl }: { initial: EventPage | null; ingestUrl: string }) {
  const { events, hasMore, isLoadingMore, loadMore, connection } = useEvents(initial)
  const selectedId = useSearchParams().get('event')
  const isEmpty = events.length === 0 && !selectedId

  return (
    <main id="content" className={styles.inspector} data-selected={selectedId !== null}>
      <div className={styles.bar}>
        <h1 className={styles.title}>Inspector</h1>
        <ConnectionBadge connection={connection} />
      </div>
      {isEmpty ? (
        <div className={styles.pane}>
          {connection === 'reconnecting' ? <Unreachable ingestUrl={ingestUrl} /> : <EmptyState ingestUrl={ingestUrl} />}
        </div>
      ) : (
        <div className={styles.panes}>
          <div className={styles.listPane}>
            <EventList events={events} selectedId={selectedId} onSelect={select} />
            {hasMore && (
              <button type="button" className={styles.more} disabled={isLoadingMore} onClick={() => void loadMore()}>
                {isLoadingMore ? 'Loading' : 'Show older events'}
              </button>
            )}
          </div>
          <div className={styles.detailPane}>
            {selectedId ? (
              <>
                <button type="button" className={styles.back} onClick={() => select(null)}>
                  All events
                </button>
                <EventDetailView eventId={selectedId} line={events.find(({ eventId }) => eventId === selectedId)} />
              </>
            ) : (
              <p className={styles.hint}>Choose an event to see all of it.</p>
            )}
          </div>
        </div>
      )}
    </main>
  )
}

/** `history` instead of the router: the page itself stays as it is, so the server has nothing to do. */
function select(eventId: string | null): void {
  window.history.pushState(null, '', eventId ? `/inspector?event=${encodeURIComponent(eventId)}` : '/inspector')
}

const connectionTexts: Record<Connection, string> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
}

function ConnectionBadge({ connection }: { connection: Connection }) {
  return (
    <p role="status" className={styles.connection} data-connection={connection}>
      {connectionTexts[connection]}
    </p>
  )
}

function Unreachable({ ingestUrl }: { ingestUrl: string }) {
  return (
    <p className={styles.hint}>
      The ingest at {ingestUrl} does not answer. Start it with <code>npm run demo</code>; this page goes on by itself
      when it is back.
    </p>
  )
}

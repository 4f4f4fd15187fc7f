'use client'

import { useCallback, useEffect, useState } from 'react'
import { mergeSummaries, type EventPage, type EventSummary } from './events'

export type Connection = 'connecting' | 'live' | 'reconnecting'

type LiveMessage = { type: 'changed'; events: EventSummary[] } | { type: 'resync' }

const retryMs = 1_000

/** The list and what keeps it current. `initial` is null when the ingest did not answer while the page was made. */
export function useEvents(initial: EventPage | null) {
  const [page, setPage] = useState<EventPage>(initial ?? { events: [], nextCursor: null })
  const [connection, setConnection] = useState<Connection>(initial ? 'connecting' : 'reconnecting')
  const [isLoadingMore, setLoadingMore] = useState(false)

  const refresh = useCallback(async () => {
    const first = await fetchPage().catch(() => null)
    if (first) setPage((known) => joinFirstPage(known, first))
  }, [])

  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined

    const connect = () => {
      source = new EventSource('/api/inspector/stream')
      source.onopen = () => {
        setConnection('live')
        // What arrived before the stream was open was not announced to us.
        void refresh()
      }
      source.onmessage = ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as LiveMessage
        if (message.type === 'resync') void refresh()
        else setPage((known) => ({ ...known, events: mergeSummaries(known.events, inReach(known, message.events)) }))
      }
      source.onerror = () => {
        setConnection('reconnecting')
        // After an error status EventSource gives up; after a broken connection it tries again by itself.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, retryMs)
      }
    }
    connect()
    return () => {
      source?.close()
      clearTimeout(timer)
    }
  }, [refresh])

  const loadMore = useCallback(async () => {
    if (!page.nextCursor) return
    setLoadingMore(true)
    const next = await fetchPage(page.nextCursor).catch(() => null)
    setLoadingMore(false)
    if (next) setPage((known) => ({ events: mergeSummaries(known.events, next.events), nextCursor: next.nextCursor }))
  }, [page.nextCursor])

  return { events: page.events, hasMore: page.nextCursor !== null, isLoadingMore, loadMore, connection }
}

async function fetchPage(before?: string): Promise<EventPage> {
  const response = await fetch(`/api/inspector/events${before ? `?before=${before}` : ''}`)
  if (!response.ok) throw new Error(`The ingest answered ${response.status}.`)
  return (await response.json()) as EventPage
}

/** Where the two do not meet, events between them are missing: then the new page alone is the truth. */
function joinFirstPage(known: EventPage, first: EventPage): EventPage {
  const ids = new Set(known.events.map(({ eventId }) => eventId))
  const doMeet = first.nextCursor === null || first.events.some(({ eventId }) => ids.has(eventId))
  if (!doMeet || known.events.length === 0) return first
  return { events: mergeSummaries(known.events, first.events), nextCursor: first.nextCursor && known.nextCursor }
}

/** An old event that changed belongs to a page that is not loaded yet. */
function inReach({ nextCursor }: EventPage, events: readonly EventSummary[]): EventSummary[] {
  return events.filter(({ cursor }) => nextCursor === null || Number(cursor) >= Number(nextCursor))
}

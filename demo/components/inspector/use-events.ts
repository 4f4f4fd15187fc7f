'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { mergeSummaries, type EventPage, type EventSummary } from './events'
import { useLiveMessages, useLiveRefresh } from './use-live-messages'
import { read } from './read'
import { filterQuery, type Filter } from './view'

interface State extends EventPage {
  /** The filter that the page is of. */
  query: string
  isFailed: boolean
}

const refreshMs = 700

/** The list and what keeps it current. `initial` is null when the ingest did not answer while the page was made. */
export function useEvents(filter: Filter, initial: EventPage | null) {
  const query = filterQuery(filter)
  const [state, setState] = useState<State>({
    ...(initial ?? { events: [], nextCursor: null }),
    query,
    isFailed: initial === null,
  })
  const [isLoadingMore, setLoadingMore] = useState(false)
  const current = useRef(query)

  const refresh = useCallback(async () => {
    const asked = current.current
    const first = await readPage(asked).catch(() => null)
    if (asked !== current.current) return
    setState((known) => {
      if (!first) return { ...known, isFailed: true }
      return { ...(known.query === asked ? joinFirstPage(known, first) : first), query: asked, isFailed: false }
    })
  }, [])

  useEffect(() => {
    if (current.current === query) return
    current.current = query
    void refresh()
  }, [query, refresh])

  useLiveMessages((message) => {
    // Whether an event is in a filter is decided where the filter is.
    if (message.type === 'resync') void refresh()
    else if (query === '')
      setState((known) =>
        known.query === ''
          ? { ...known, isFailed: false, events: mergeSummaries(known.events, inReach(known, message.events)) }
          : known,
      )
  })
  useLiveRefresh(() => {
    if (current.current !== '') void refresh()
  }, refreshMs)

  const { nextCursor } = state
  const loadMore = useCallback(async () => {
    if (!nextCursor) return
    setLoadingMore(true)
    const next = await readPage(query, nextCursor).catch(() => null)
    setLoadingMore(false)
    if (!next) return
    setState((known) =>
      known.query === query
        ? { ...known, events: mergeSummaries(known.events, next.events), nextCursor: next.nextCursor }
        : known,
    )
  }, [query, nextCursor])

  return {
    events: state.events,
    hasMore: nextCursor !== null,
    isFailed: state.isFailed,
    /** The list is still that of the filter before. */
    isStale: state.query !== query,
    isLoadingMore,
    loadMore,
  }
}

const readPage = (query: string, before?: string) =>
  read<EventPage>(`events${query}${before ? `${query ? '&' : '?'}before=${before}` : ''}`)

/** Where the two do not meet, events between them are missing: then the new page alone is the truth. */
function joinFirstPage(known: EventPage, first: EventPage): EventPage {
  const ids = new Set(known.events.map(({ eventId }) => eventId))
  const doMeet = first.nextCursor === null || first.events.some(({ eventId }) => ids.has(eventId))
  if (!doMeet || known.events.length === 0 || first.nextCursor === null) return first
  const last = Number(first.nextCursor)
  // What stood within reach of the new page and is not in it does not match any more.
  const older = known.events.filter(({ cursor }) => Number(cursor) < last)
  return { events: [...first.events, ...older], nextCursor: known.nextCursor }
}

/** An old event that changed belongs to a page that is not loaded yet. */
function inReach({ nextCursor }: EventPage, events: readonly EventSummary[]): EventSummary[] {
  return events.filter(({ cursor }) => nextCursor === null || Number(cursor) >= Number(nextCursor))
}

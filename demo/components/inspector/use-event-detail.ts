'use client'

import { useEffect, useState } from 'react'
import type { EventDetail, EventSummary } from './events'

export type DetailState =
  | { status: 'loading' }
  | { status: 'missing' }
  | { status: 'failed' }
  | { status: 'ready'; event: EventDetail }

/** One event in full, read again whenever its line in the list changes. */
export function useEventDetail(eventId: string, line: EventSummary | undefined): DetailState {
  const [state, setState] = useState<DetailState & { eventId?: string }>({ status: 'loading' })
  const version = `${line?.updatedAt} ${line?.signals}`

  useEffect(() => {
    const abort = new AbortController()
    void fetchDetail(eventId, abort.signal).then(
      (next) => setState({ ...next, eventId }),
      () => {
        if (!abort.signal.aborted) setState({ status: 'failed', eventId })
      },
    )
    return () => abort.abort()
  }, [eventId, version])

  return state.eventId === eventId ? state : { status: 'loading' }
}

async function fetchDetail(eventId: string, signal: AbortSignal): Promise<DetailState> {
  const response = await fetch(`/api/inspector/events/${encodeURIComponent(eventId)}`, { signal })
  if (response.status === 404) return { status: 'missing' }
  if (!response.ok) throw new Error(`The ingest answered ${response.status}.`)
  return { status: 'ready', event: (await response.json()) as EventDetail }
}

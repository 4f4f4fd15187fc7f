import type { Metadata } from 'next'
import { EventsView } from '../../components/inspector/events-view'
import type { EventDetail, EventPage, Facets } from '../../components/inspector/events'
import { filterOf, filterQuery, selectionOf } from '../../components/inspector/view'
import { ingestUrl, readIngest } from '../../server/ingest-api'
import { asParameters, type SearchParams } from './search-params'

export const metadata: Metadata = { title: 'Inspector' }

/** With its data, so that nothing moves when it comes alive. */
export default async function InspectorPage({ searchParams }: { searchParams: SearchParams }) {
  const parameters = asParameters(await searchParams)
  const selectedId = selectionOf(parameters)
  const [page, event, facets] = await Promise.all([
    readIngest<EventPage>(`/api/events${filterQuery(filterOf(parameters))}`),
    selectedId ? readIngest<EventDetail>(`/api/events/${encodeURIComponent(selectedId)}`) : null,
    readIngest<Facets>('/api/facets'),
  ])
  return (
    <EventsView
      initial={page}
      initialEvent={event}
      facets={facets ?? { events: [], models: [], signals: [] }}
      ingestUrl={ingestUrl('/').origin}
    />
  )
}

import type { Metadata } from 'next'
import { ConversationsView } from '../../../components/inspector/conversations-view'
import type { ConversationPage, EventPage } from '../../../components/inspector/events'
import { filterQuery } from '../../../components/inspector/view'
import { ingestUrl, readIngest } from '../../../server/ingest-api'
import { asParameters, type SearchParams } from '../search-params'

export const metadata: Metadata = { title: 'Conversations' }

export default async function ConversationsPage({ searchParams }: { searchParams: SearchParams }) {
  const parameters = asParameters(await searchParams)
  const [user, openId] = [parameters.get('user'), parameters.get('open')]
  const [page, thread] = await Promise.all([
    readIngest<ConversationPage>(`/api/conversations${user ? `?${new URLSearchParams({ user })}` : ''}`),
    openId ? readIngest<EventPage>(`/api/events${filterQuery({ convo: openId })}`) : null,
  ])
  return <ConversationsView initial={page} initialThread={thread} ingestUrl={ingestUrl('/').origin} />
}

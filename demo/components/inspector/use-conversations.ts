'use client'

import { useCallback, useState } from 'react'
import type { Conversation, ConversationPage } from './events'
import { read } from './read'
import { useLiveRefresh } from './use-live-messages'
import { useResource } from './use-resource'

const refreshMs = 1_000

/** The first page is kept current; older ones are added on demand, as they were then. */
export function useConversations(user: string | null, initial: ConversationPage | null) {
  const path = `conversations${user ? `?${new URLSearchParams({ user })}` : ''}`
  const { resource, refresh } = useResource<ConversationPage>(path, { initial })
  const [older, setOlder] = useState<ConversationPage & { path: string }>({ path, conversations: [], nextCursor: null })
  useLiveRefresh(refresh, refreshMs)

  const first = resource.status === 'ready' ? resource.value : null
  const more = older.path === path && older.conversations.length > 0 ? older : null
  const nextCursor = (more ?? first)?.nextCursor ?? null
  const loadMore = useCallback(async () => {
    if (!nextCursor) return
    const next = await read<ConversationPage>(`${path}${path.includes('?') ? '&' : '?'}before=${nextCursor}`).catch(
      () => null,
    )
    if (next)
      setOlder((known) => ({
        path,
        conversations: [...(known.path === path ? known.conversations : []), ...next.conversations],
        nextCursor: next.nextCursor,
      }))
  }, [path, nextCursor])

  return { status: resource.status, conversations: joined(first, more), hasMore: nextCursor !== null, loadMore }
}

/** One that was continued stands on the first page again. */
function joined(first: ConversationPage | null, older: ConversationPage | null): Conversation[] {
  const byId = new Map<string, Conversation>()
  for (const one of [...(first?.conversations ?? []), ...(older?.conversations ?? [])])
    if (!byId.has(one.convoId)) byId.set(one.convoId, one)
  return [...byId.values()]
}

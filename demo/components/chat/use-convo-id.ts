'use client'

import { usePathname } from 'next/navigation'

export const conversationPath = (convoId: string | null) => (convoId ? `/c/${convoId}` : '/')

/** Of the address, not of the page: a new conversation gets its address while its first answer streams, without a navigation. */
export function useConvoId(): string | null {
  return /^\/c\/([^/]+)$/.exec(usePathname())?.[1] ?? null
}

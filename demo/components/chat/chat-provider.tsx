'use client'

import { createContext, use, type ReactNode } from 'react'
import type { ConversationSummary } from '../../server/conversations/conversation'
import { useChatState } from './use-chat-state'

const ChatContext = createContext<ReturnType<typeof useChatState> | null>(null)

/** Above the pages, so that an answer goes on while the visitor looks into the inspector. */
export function ChatProvider({ list, children }: { list: readonly ConversationSummary[]; children: ReactNode }) {
  return <ChatContext value={useChatState(list)}>{children}</ChatContext>
}

export function useChat() {
  const chat = use(ChatContext)
  if (!chat) throw new Error('useChat: put a <ChatProvider> around the pages.')
  return chat
}

'use client'

import { createContext, use, type ReactNode } from 'react'
import { useChatState } from './use-chat-state'

const ChatContext = createContext<ReturnType<typeof useChatState> | null>(null)

/** Above the pages, so that a look into the inspector and back finds the conversation as it was. */
export function ChatProvider({ children }: { children: ReactNode }) {
  return <ChatContext value={useChatState()}>{children}</ChatContext>
}

export function useChat() {
  const chat = use(ChatContext)
  if (!chat) throw new Error('useChat: put a <ChatProvider> around the pages.')
  return chat
}

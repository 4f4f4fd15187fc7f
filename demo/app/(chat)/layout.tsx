import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { ChatShell } from '../../components/chat/chat-shell'
import { readNetworkCookie } from '../../components/chat/network-mode'
import { answerMode } from '../../server/answer/answer-mode'

export default async function ChatLayout({ children }: { children: ReactNode }) {
  // With cookies() the page is made at run time, when the environment says which mode answers.
  const networkMode = readNetworkCookie((await cookies()).toString())
  return (
    <ChatShell mode={answerMode()} networkMode={networkMode}>
      {children}
    </ChatShell>
  )
}

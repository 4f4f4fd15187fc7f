import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { ChatShell } from '../../components/chat/chat-shell'
import { readNetworkCookie } from '../../components/chat/network-mode'

export default async function ChatLayout({ children }: { children: ReactNode }) {
  return <ChatShell networkMode={readNetworkCookie((await cookies()).toString())}>{children}</ChatShell>
}

import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { ChatProvider } from '../components/chat/chat-provider'
import { SiteHeader } from '../components/site-header'
import { getConversations } from '../server/conversations/open-conversations'
import { currentVisitor } from '../server/visitor'
import 'raindrop-js/react/styles.css'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Ask raindrop-js', template: '%s · raindrop-js' },
  description:
    'A chat over the documentation of raindrop-js that tracks itself, and an inspector that shows what arrived.',
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#141c23' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <ChatProvider list={await conversationList()}>
          <div className="app">
            <a className="skip-link" href="#content">
              Skip to content
            </a>
            <SiteHeader />
            {children}
          </div>
        </ChatProvider>
      </body>
    </html>
  )
}

/** Without a list the other pages still work; the chat itself says what is wrong. */
async function conversationList() {
  const visitor = await currentVisitor()
  if (!visitor) return []
  return getConversations().then(
    (conversations) => conversations.list(visitor),
    () => [],
  )
}

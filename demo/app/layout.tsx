import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { ChatProvider } from '../components/chat/chat-provider'
import { SiteHeader } from '../components/site-header'
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

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <div className="app">
          <a className="skip-link" href="#content">
            Skip to content
          </a>
          <SiteHeader />
          <ChatProvider>{children}</ChatProvider>
        </div>
      </body>
    </html>
  )
}

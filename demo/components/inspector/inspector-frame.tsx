'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { LiveProvider, useLive, type Connection } from './live-provider'
import styles from './inspector-frame.module.css'

const tabs = [
  { href: '/inspector', label: 'Events' },
  { href: '/inspector/conversations', label: 'Conversations' },
  { href: '/inspector/overview', label: 'Overview' },
]

/** What all pages of the inspector share, the stream included. */
export function InspectorFrame({ children }: { children: ReactNode }) {
  return (
    <LiveProvider>
      <main id="content" className={styles.inspector}>
        <div className={styles.bar}>
          <h1 className={styles.title}>Inspector</h1>
          <Tabs />
          <ConnectionBadge />
        </div>
        {children}
      </main>
    </LiveProvider>
  )
}

function Tabs() {
  const pathname = usePathname()
  return (
    <nav aria-label="Inspector" className={styles.tabs}>
      {tabs.map(({ href, label }) => (
        <Link key={href} href={href} className={styles.tab} aria-current={pathname === href ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  )
}

const connectionTexts: Record<Connection, string> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
}

function ConnectionBadge() {
  const { connection } = useLive()
  return (
    <p role="status" className={styles.connection} data-connection={connection}>
      {connectionTexts[connection]}
    </p>
  )
}

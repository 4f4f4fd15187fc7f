'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useChat } from './chat/chat-provider'
import { conversationPath } from './chat/use-convo-id'
import styles from './site-header.module.css'

const pages = [
  { href: '/', label: 'Chat', below: '/c/' },
  { href: '/docs', label: 'Docs', below: '/docs/' },
  { href: '/inspector', label: 'Inspector', below: '/inspector/' },
]

export function SiteHeader() {
  const pathname = usePathname()
  const { current } = useChat()
  return (
    <header className={styles.header}>
      <Link className={styles.brand} href="/">
        <svg aria-hidden="true" viewBox="0 0 32 32" width="22" height="22">
          <path d="M16 3c5 6.600 9 10.900 9 16a9 9 0 0 1-18 0c0-5.100 4-9.400 9-16z" fill="currentColor" />
        </svg>
        <span>raindrop-js</span>
      </Link>
      <nav aria-label="Pages" className={styles.nav}>
        {pages.map(({ href, label, below }) => (
          <Link
            key={href}
            // Back to where the visitor was.
            href={href === '/' ? conversationPath(current) : href}
            className={styles.link}
            aria-current={pathname === href || pathname.startsWith(below) ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
    </header>
  )
}

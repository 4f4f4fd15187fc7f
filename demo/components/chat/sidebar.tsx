'use client'

import Link from 'next/link'
import { questionId } from './composer'
import { ConversationList } from './conversation-list'
import { DeliveryPanel } from './delivery-panel'
import type { NetworkMode } from './network-mode'
import styles from './sidebar.module.css'

export const sidebarId = 'conversations'

/** Beside the chat; on small screens a popover over it, which the browser opens, closes and puts into the tab order. */
export function Sidebar({ networkMode }: { networkMode: NetworkMode }) {
  return (
    <aside id={sidebarId} className={styles.sidebar} popover="auto" aria-label="Conversations and delivery">
      <div className={styles.top}>
        <Link href="/" className={styles.new} onClick={beginAnew}>
          <svg aria-hidden="true" viewBox="0 0 20 20" width="18" height="18">
            <path d="M10 4v12M4 10h12" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
          </svg>
          New conversation
        </Link>
        <button
          type="button"
          className={styles.close}
          popoverTarget={sidebarId}
          popoverTargetAction="hide"
          aria-label="Close"
        >
          <svg aria-hidden="true" viewBox="0 0 20 20" width="18" height="18">
            <path d="m5 5 10 10M15 5 5 15" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
          </svg>
        </button>
      </div>
      <ConversationList onOpen={closeSidebar} />
      <DeliveryPanel networkMode={networkMode} />
    </aside>
  )
}

function beginAnew(): void {
  closeSidebar()
  // On a phone the keyboard would cover the page before it is seen.
  if (window.matchMedia('(hover: hover)').matches) document.getElementById(questionId)?.focus()
}

function closeSidebar(): void {
  const sidebar = document.getElementById(sidebarId)
  if (sidebar?.matches(':popover-open')) sidebar.hidePopover()
}

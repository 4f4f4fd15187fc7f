'use client'

import type { NetworkMode } from './network-mode'
import { sidebarId } from './sidebar'
import { networkNames } from './network-switch'
import { useDelivery } from './use-delivery'
import styles from './page-bar.module.css'

/** On small screens: the way to the conversations, and the counts that the side bar shows elsewhere. */
export function PageBar({ networkMode }: { networkMode: NetworkMode }) {
  const { mode, stats } = useDelivery(networkMode)
  return (
    <div className={styles.bar}>
      <button type="button" className={styles.button} popoverTarget={sidebarId}>
        <svg aria-hidden="true" viewBox="0 0 20 20" width="18" height="18">
          <path d="M3 5h14M3 10h14M3 15h9" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
        </svg>
        Conversations
      </button>
      <button type="button" className={styles.button} popoverTarget={sidebarId} data-network={mode}>
        <span className={styles.dot} aria-hidden="true" />
        {networkNames[mode]} · {stats.pending} waiting
      </button>
    </div>
  )
}

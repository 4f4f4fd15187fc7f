'use client'

import type { ReactNode } from 'react'
import type { NetworkMode } from './network-mode'
import { PageBar } from './page-bar'
import { Sidebar } from './sidebar'
import styles from './chat-shell.module.css'

export function ChatShell({ networkMode, children }: { networkMode: NetworkMode; children: ReactNode }) {
  return (
    <div className={styles.shell}>
      <Sidebar networkMode={networkMode} />
      <PageBar networkMode={networkMode} />
      {children}
    </div>
  )
}

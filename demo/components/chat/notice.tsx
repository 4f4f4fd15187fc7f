import type { ReactNode } from 'react'
import styles from './notice.module.css'

/** A page that has only a message. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main id="content" className={styles.notice}>
      <h1>{title}</h1>
      {children}
    </main>
  )
}

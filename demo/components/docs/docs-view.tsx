import Link from 'next/link'
import type { DocsPage } from '../../server/docs/read-page'
import { docsPath } from '../../server/docs/docs-path'
import { DocsText } from './docs-text'
import styles from './docs-view.module.css'

interface DocsViewProps {
  pages: readonly DocsPage[]
  file: string
  markdown: string
}

export function DocsView({ pages, file, markdown }: DocsViewProps) {
  return (
    <div className={styles.docs}>
      <nav aria-label="Documentation" className={styles.nav}>
        <details className={styles.menu}>
          <summary className={styles.summary}>All pages</summary>
          <PageList pages={pages} file={file} />
        </details>
        <div className={styles.wide}>
          <PageList pages={pages} file={file} />
        </div>
      </nav>
      <main id="content" className={styles.main} tabIndex={-1}>
        <DocsText file={file} markdown={markdown} />
      </main>
    </div>
  )
}

function PageList({ pages, file }: Pick<DocsViewProps, 'pages' | 'file'>) {
  return (
    <ul className={styles.list}>
      {pages.map((page) => (
        <li key={page.file}>
          <Link
            href={docsPath(page.file)}
            className={styles.link}
            aria-current={page.file === file ? 'page' : undefined}
          >
            {page.title}
          </Link>
        </li>
      ))}
    </ul>
  )
}

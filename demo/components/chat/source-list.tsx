import type { Source } from '../../app/ask'
import styles from './source-list.module.css'

interface SourceListProps {
  sources: readonly Source[]
  idOf: (number: number) => string
}

/** What the answer rests on: file and section, and the whole passage on request. */
export function SourceList({ sources, idOf }: SourceListProps) {
  return (
    <section className={styles.sources} aria-label="Sources">
      <h2 className={styles.heading}>Sources</h2>
      <ol className={styles.list}>
        {sources.map(({ id, file, title, text }, index) => (
          <li key={id}>
            <details id={idOf(index + 1)} className={styles.source}>
              <summary className={styles.summary}>
                <span className={styles.number}>{index + 1}</span>
                <span className={styles.title}>{title}</span>
                <span className={styles.file}>{file}</span>
              </summary>
              <pre className={styles.passage} tabIndex={0}>
                {text}
              </pre>
            </details>
          </li>
        ))}
      </ol>
    </section>
  )
}

import Link from 'next/link'
import { FeedbackButtons } from 'raindrop-js/react'
import type { Source } from '../../server/conversations/conversation'
import { docsPath } from '../../server/docs/docs-path'
import type { ShownAnswer } from './turns'
import styles from './source-list.module.css'

interface SourceListProps {
  answer: ShownAnswer
  idOf: (number: number) => string
}

/** What the answer rests on: file and section, and the whole passage on request. */
export function SourceList({ answer, idOf }: SourceListProps) {
  return (
    <section className={styles.sources} aria-label="Sources">
      <h2 className={styles.heading}>Sources</h2>
      <ol className={styles.list}>
        {answer.sources.map((source, index) => (
          <li key={source.id}>
            <SourceView answer={answer} source={source} number={index + 1} elementId={idOf(index + 1)} />
          </li>
        ))}
      </ol>
    </section>
  )
}

interface SourceViewProps {
  answer: ShownAnswer
  source: Source
  number: number
  elementId: string
}

function SourceView({ answer: { eventId, token }, source, number, elementId }: SourceViewProps) {
  const { id, file, title, text } = source
  return (
    <details id={elementId} className={styles.source}>
      <summary className={styles.summary}>
        <span className={styles.number}>{number}</span>
        <span className={styles.title}>{title}</span>
        <span className={styles.file}>{file}</span>
      </summary>
      <pre className={styles.passage} tabIndex={0} dir="auto">
        {text}
      </pre>
      <div className={styles.actions}>
        <Link href={docsPath(id)}>Open in the documentation</Link>
        <FeedbackButtons
          eventId={eventId}
          token={token}
          // The attachment of the event that this passage is.
          attachmentId={id}
          comment={false}
          labels={{ group: `Feedback on source ${number}`, up: 'Useful source', down: 'Useless source' }}
        />
      </div>
    </details>
  )
}

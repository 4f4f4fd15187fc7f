import Link from 'next/link'
import { AnswerText } from './answer-text'
import { SourceList } from './source-list'
import type { Turn } from './use-chat-state'
import styles from './turn-view.module.css'

export function TurnView({ turn }: { turn: Turn }) {
  const { key, question, status, answer, sources, eventId, error } = turn
  const isOpen = status === 'searching' || status === 'answering'
  return (
    <section className={styles.turn} aria-label={`Question: ${question}`}>
      <p className={styles.question}>{question}</p>
      {/* Busy while it streams: a screen reader then reads the whole answer once instead of every piece. */}
      <article className={styles.answer} aria-busy={isOpen} aria-label="Answer" data-status={status}>
        {answer === '' && isOpen ? (
          <Waiting status={status} />
        ) : (
          <AnswerText text={answer} sourceId={(number) => sourceId(key, number)} />
        )}
        {status === 'failed' && (
          <p role="alert" className={styles.error}>
            {error}
          </p>
        )}
        {!isOpen && sources.length > 0 && <SourceList sources={sources} idOf={(number) => sourceId(key, number)} />}
        {!isOpen && eventId && (
          <p className={styles.trace}>
            <Link href={`/inspector?event=${encodeURIComponent(eventId)}`}>See this event in the inspector</Link>
          </p>
        )}
      </article>
    </section>
  )
}

const sourceId = (turnKey: number, number: number) => `source-${turnKey}-${number}`

function Waiting({ status }: { status: Turn['status'] }) {
  return (
    <p className={styles.waiting}>
      <span className={styles.dot} aria-hidden="true" />
      {status === 'searching' ? 'Searching the documentation' : 'Writing the answer'}
    </p>
  )
}

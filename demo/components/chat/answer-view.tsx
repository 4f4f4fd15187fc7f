import type { ReactNode } from 'react'
import { AnswerFooter } from './answer-footer'
import { AnswerText } from './answer-text'
import { SourceList } from './source-list'
import type { ShownAnswer } from './turns'
import { useSaid } from './use-said'
import styles from './answer-view.module.css'

interface AnswerViewProps {
  answer: ShownAnswer
  /** Undefined while no other answer can be asked for. */
  onAgain: ((eventId: string) => void) | undefined
  pager: ReactNode
}

export function AnswerView({ answer, onAgain, pager }: AnswerViewProps) {
  const { key, status, sources, error } = answer
  const { comment, after } = useSaid(answer)
  const isOpen = status === 'open'
  const text = after ?? answer.text
  const idOf = (number: number) => `source-${key}-${number}`
  return (
    // Busy while it streams: a screen reader then reads the whole answer once instead of every piece.
    <article className={styles.answer} aria-busy={isOpen} aria-label="Answer" data-status={status}>
      {text === '' && isOpen ? <Waiting answer={answer} /> : <AnswerText text={text} sourceId={idOf} />}
      {status === 'failed' && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      {status === 'stopped' && <p className={styles.note}>The answer was stopped here.</p>}
      {after !== undefined && <p className={styles.note}>Edited by you</p>}
      <AnswerFooter answer={answer} text={text} onAgain={onAgain} pager={pager} />
      {comment !== undefined && (
        <p className={styles.comment}>
          <span className={styles.by}>Your comment</span> {comment}
        </p>
      )}
      {!isOpen && sources.length > 0 && <SourceList answer={answer} idOf={idOf} />}
    </article>
  )
}

function Waiting({ answer: { step } }: { answer: ShownAnswer }) {
  return (
    <p className={styles.waiting}>
      <span className={styles.dot} aria-hidden="true" />
      {step?.tool === 'read_section' ? `Reading ${step.about}` : 'Searching the documentation'}
    </p>
  )
}

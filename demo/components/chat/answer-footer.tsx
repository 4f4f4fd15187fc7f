import Link from 'next/link'
import type { ReactNode } from 'react'
import type { ShownAnswer } from './turns'
import styles from './answer-footer.module.css'

interface AnswerFooterProps {
  answer: ShownAnswer
  onAgain: ((eventId: string) => void) | undefined
  pager: ReactNode
}

/** What can be done with an answer. Its room is there while the answer streams, so that nothing moves at the end. */
export function AnswerFooter({ answer: { eventId, status }, onAgain, pager }: AnswerFooterProps) {
  const isOpen = status === 'open'
  return (
    <footer className={styles.footer}>
      <div className={styles.row} data-hidden={isOpen}>
        {eventId && !isOpen && (
          <>
            <button type="button" className={styles.action} disabled={!onAgain} onClick={() => onAgain?.(eventId)}>
              Try again
            </button>
            {pager}
            <Link className={styles.trace} href={`/inspector?event=${encodeURIComponent(eventId)}`}>
              See this event in the inspector
            </Link>
          </>
        )}
      </div>
    </footer>
  )
}

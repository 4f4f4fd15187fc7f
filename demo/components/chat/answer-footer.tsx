import Link from 'next/link'
import { FeedbackButtons, useRaindrop } from 'raindrop-js/react'
import type { ReactNode } from 'react'
import type { ShownAnswer } from './turns'
import styles from './answer-footer.module.css'

interface AnswerFooterProps {
  answer: ShownAnswer
  /** As it is shown: edited, where it was. */
  text: string
  onAgain: ((eventId: string) => void) | undefined
  pager: ReactNode
}

const reasons = [
  { id: 'incorrect', label: 'Not correct', for: 'down' },
  { id: 'incomplete', label: 'Something is missing', for: 'down' },
  { id: 'sources', label: 'Wrong passages', for: 'down' },
] as const

/** What can be done with an answer. Its room is there while the answer streams, so that nothing moves at the end. */
export function AnswerFooter({ answer, text, onAgain, pager }: AnswerFooterProps) {
  const { eventId, token, status } = answer
  const raindrop = useRaindrop()
  const isOpen = status === 'open'
  const askAgain = () => {
    if (!eventId) return
    raindrop.trackSignal({ eventId, name: 'regenerated', ...(token && { token }) })
    onAgain?.(eventId)
  }
  return (
    <footer className={styles.footer} data-open={isOpen}>
      <FeedbackButtons
        className={styles.feedback}
        eventId={eventId}
        token={token}
        streaming={isOpen}
        comment="down"
        reasons={reasons}
        copy={{ text }}
        edit={{ output: text }}
      />
      <div className={styles.rest}>
        <button type="button" className={styles.again} disabled={!onAgain || !eventId || isOpen} onClick={askAgain}>
          Answer again
        </button>
        {pager}
        {eventId && !isOpen && (
          <Link className={styles.trace} href={`/inspector?event=${encodeURIComponent(eventId)}`}>
            See this event in the inspector
          </Link>
        )}
      </div>
    </footer>
  )
}

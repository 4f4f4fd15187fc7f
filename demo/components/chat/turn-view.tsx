import { useState } from 'react'
import { AnswerView } from './answer-view'
import type { ShownTurn } from './turns'
import { VersionPager } from './version-pager'
import styles from './turn-view.module.css'

interface TurnViewProps {
  turn: ShownTurn
  /** Asks for another answer instead of the one with this event id. */
  onAgain: (eventId: string) => void
  canAsk: boolean
}

/** A question with one of its answers: the latest, unless the visitor looks back. */
export function TurnView({ turn: { question, answers }, onAgain, canAsk }: TurnViewProps) {
  const [lookedAt, lookAt] = useState<number | null>(null)
  const index = Math.min(lookedAt ?? answers.length - 1, answers.length - 1)
  const answer = answers[index]
  if (!answer) return null
  return (
    <section className={styles.turn} aria-label={`Question: ${question}`}>
      <p className={styles.question} dir="auto">
        {question}
      </p>
      <AnswerView
        key={answer.key}
        answer={answer}
        onAgain={
          canAsk
            ? (eventId) => {
                lookAt(null)
                onAgain(eventId)
              }
            : undefined
        }
        pager={answers.length > 1 && <VersionPager index={index} count={answers.length} onChange={lookAt} />}
      />
    </section>
  )
}

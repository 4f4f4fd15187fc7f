'use client'

import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react'
import styles from './composer.module.css'

interface ComposerProps {
  isBusy: boolean
  onSend: (question: string) => void
  /** Undefined while there is nothing that could be stopped. */
  onStop: (() => void) | undefined
}

export const questionId = 'question'

export function Composer({ isBusy, onSend, onStop }: ComposerProps) {
  const [question, setQuestion] = useState('')
  const twin = useRef<HTMLDivElement>(null)
  const canSend = question.trim() !== '' && !isBusy

  // On a slow connection people type before the page is alive, and no event told us.
  useEffect(() => setQuestion(twin.current?.querySelector('textarea')?.value ?? ''), [])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!canSend) return
    onSend(question.trim())
    setQuestion('')
  }

  const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event)
  }

  return (
    <form className={styles.composer} onSubmit={submit}>
      <label className="visually-hidden" htmlFor={questionId}>
        Your question
      </label>
      {/* The twin behind the text gives the field its height, so that it grows without a jump. */}
      <div ref={twin} className={styles.grow} data-twin={`${question} `}>
        <textarea
          id={questionId}
          name="question"
          className={styles.field}
          rows={1}
          maxLength={2000}
          placeholder="Ask about raindrop-js"
          autoComplete="off"
          enterKeyHint="send"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={sendOnEnter}
        />
      </div>
      {isBusy ? (
        <button type="button" className={styles.send} disabled={!onStop} onClick={onStop} aria-label="Stop">
          <svg aria-hidden="true" viewBox="0 0 20 20" width="20" height="20">
            <rect x="5" y="5" width="10" height="10" rx="2" fill="currentColor" />
          </svg>
        </button>
      ) : (
        <button type="submit" className={styles.send} disabled={!canSend} aria-label="Send">
          <svg aria-hidden="true" viewBox="0 0 20 20" width="20" height="20">
            <path
              d="M10 16V4m0 0L5 9m5-5 5 5"
              fill="none"
              stroke="currentColor"
              strokeWidth="2"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
        </button>
      )}
    </form>
  )
}

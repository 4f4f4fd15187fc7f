import type { FeedbackState, FeedbackTarget, Properties } from 'raindrop-js'
import { type ButtonHTMLAttributes, type TextareaHTMLAttributes, useMemo, useState } from 'react'
import { type Calls, createCalls } from './calls'
import { fieldProps, voteProps } from './control-props'
import { useProvided } from './provider'
import { keyOf, useFeedbackState } from './use-feedback-state'
import { useLatest } from './use-latest'

/** How votes are sent, and who hears of them. */
export interface UseSignalOptions {
  /** How long a vote waits for a change of mind before it is sent, ms. Default 1_500; page hide sends at once. */
  undoWindowMs?: number | undefined
  /** Sent along with every signal. */
  properties?: Properties | undefined
  /** Called when the state changed, by whomever: this component, another one, another tab, delivery. */
  onChange?: ((state: FeedbackState) => void) | undefined
}

/** What one person said about one target, and what they may say. */
export interface Signal extends Calls {
  readonly state: FeedbackState
  /** Held or on its way. */
  readonly isPending: boolean
  /** Raindrop did not take it: `retry()` sends it again. */
  readonly error: Error | null
  /** For a button: its press, its name, and whether it is pressed. */
  getVoteButtonProps(vote: 'up' | 'down'): ButtonHTMLAttributes<HTMLButtonElement> & { 'data-state': 'on' | 'off' }
  /** The comment being written, and what submits it. */
  readonly draft: string
  /** Replaces the draft; nothing is sent. */
  setDraft(text: string): void
  /** For a textarea that holds the draft. */
  getCommentProps(): TextareaHTMLAttributes<HTMLTextAreaElement>
  /** For the button that sends the draft. */
  getSubmitProps(): ButtonHTMLAttributes<HTMLButtonElement>
}

/**
 * Feedback on one event, in markup of your own.
 * @param target null while a message is still streaming: all calls are then ignored. With a `token` that is there but undefined, what
 * is said waits for the token.
 * @example
 * const { state, getVoteButtonProps } = useSignal({ eventId })
 * <button {...getVoteButtonProps('up')}>{state.vote === 'up' ? '♥' : '♡'}</button>
 */
export function useSignal(target: FeedbackTarget | null, options: UseSignalOptions = {}): Signal {
  const { client, labels } = useProvided()
  const state = useFeedbackState(target, options.onChange)
  const latest = useLatest({ target, options })
  const key = keyOf(target)
  const [written, write] = useState({ key, text: '' })
  const draft = written.key === key ? written.text : ''

  const calls = useMemo(
    () =>
      createCalls(
        () => latest.current.target && client.feedback(latest.current.target),
        () => latest.current.options,
      ),
    [client, latest],
  )

  const error = useMemo(
    () => (state.delivery === 'failed' ? new Error(`Feedback was not sent: ${state.reason}`) : null),
    [state.delivery, state.reason],
  )
  const setDraft = (text: string) => write({ key, text })

  function submit(): void {
    if (!draft.trim()) return
    calls.comment(draft.trim())
    setDraft('')
  }

  return {
    ...calls,
    state,
    error,
    isPending: isPending(state),
    getVoteButtonProps: (vote) => ({
      ...voteProps(labels, state, vote),
      disabled: !target,
      onClick: () => calls.vote(vote),
    }),
    draft,
    setDraft,
    getCommentProps: () => ({ ...fieldProps(labels, 'comment', draft, setDraft, submit), disabled: !target }),
    getSubmitProps: () => ({ type: 'button', disabled: !target || !draft.trim(), onClick: submit }),
  }
}

export const isPending = ({ delivery }: FeedbackState): boolean => delivery === 'held' || delivery === 'queued'

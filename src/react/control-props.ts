import type { FeedbackState } from 'raindrop-js'
import type { ChangeEvent, KeyboardEvent } from 'react'
import type { FeedbackLabels } from './labels'

/** What a button for a vote is, to whoever looks at it or listens. */
export const voteProps = (labels: FeedbackLabels, state: FeedbackState, vote: 'up' | 'down') => ({
  type: 'button' as const,
  'aria-label': labels[vote],
  'aria-pressed': state.vote === vote,
  'data-state': state.vote === vote ? ('on' as const) : ('off' as const),
})

/** A field that a text is written in, and sent from by Enter. */
export const fieldProps = (
  labels: FeedbackLabels,
  name: 'comment' | 'edit',
  value: string,
  write: (text: string) => void,
  submit: () => void,
) => ({
  'aria-label': labels[name],
  placeholder: labels[`${name}Placeholder`],
  value,
  onChange: (event: ChangeEvent<HTMLTextAreaElement>) => write(event.currentTarget.value),
  onKeyDown: (event: KeyboardEvent) => submitOnEnter(event, submit),
})

/**
 * Enter submits, Shift+Enter begins a line, and the Enter that ends an input method's composition is neither. Safari ends the
 * composition before that key event and marks it with key code 229 only.
 */
function submitOnEnter(event: KeyboardEvent, submit: () => void): void {
  // oxlint-disable-next-line typescript/no-deprecated -- See above.
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return
  event.preventDefault()
  submit()
}

import type { FeedbackState, FeedbackTarget, Properties, SignalInput } from 'raindrop-js'
import { type ButtonHTMLAttributes, type TextareaHTMLAttributes, useEffect, useMemo } from 'react'
import { useProvided } from './provider'
import { submitOnEnter } from './submit-on-enter'
import { useDraft } from './use-draft'
import { useFeedbackState } from './use-feedback-state'
import { useLatest } from './use-latest'

export interface UseSignalOptions {
  /** How long a vote waits for a change of mind before it is sent, ms. Default 1_500; page hide sends at once. */
  undoWindowMs?: number
  /** Sent along with every signal. */
  properties?: Properties
  /** Called when the state changed, by whomever: this component, another one, another tab, delivery. */
  onChange?: (state: FeedbackState) => void
}

export type VoteButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { 'data-state': 'on' | 'off' }

export interface Signal {
  readonly state: FeedbackState
  /** Held or on its way. */
  readonly isPending: boolean
  /** Raindrop will never take it: `retry()` sends it again. */
  readonly error: Error | null
  /** Same vote again clears it. Inside the undo window nothing but the last state is sent. */
  vote(vote: 'up' | 'down' | null): void
  comment(text: string, options?: { reasons?: readonly string[] }): void
  edit(after: string, before?: string): void
  /** Any other signal, e.g. copied, regenerated. Returns its id, or '' without a target. */
  track(signal: SignalInput<{}>): string
  /** Takes back what was said last. */
  undo(): void
  retry(): void
  getVoteButtonProps(vote: 'up' | 'down'): VoteButtonProps
  /** The comment being written, and what submits it. */
  readonly draft: string
  setDraft(text: string): void
  /** Ids of the reasons chosen for it. Without a text their labels are the comment. */
  readonly reasons: readonly string[]
  toggleReason(id: string, label?: string): void
  /** Sends the draft and empties it. False where there is nothing to send. */
  submit(): boolean
  getCommentProps(): TextareaHTMLAttributes<HTMLTextAreaElement>
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
  const { eventId, attachmentId, token } = target ?? {}
  const usesToken = target !== null && 'token' in target
  const state = useFeedbackState(eventId, attachmentId)
  const { draft, setText, toggleReason, clear } = useDraft(eventId && `${eventId}#${attachmentId}`)
  const latest = useLatest(options)

  const calls = useMemo(() => {
    const open = () => (eventId ? client.feedback({ eventId, attachmentId, ...(usesToken && { token }) }) : undefined)
    const extra = () => ({ properties: latest.current.properties })
    return {
      open,
      vote: (vote: 'up' | 'down' | null) =>
        open()?.vote(vote, { ...extra(), undoWindowMs: latest.current.undoWindowMs }),
      comment: (text: string, said?: { reasons?: readonly string[] }) => open()?.comment(text, { ...extra(), ...said }),
      edit: (after: string, before?: string) => open()?.edit(after, { ...extra(), before }),
      track: (signal: SignalInput<{}>) =>
        open()?.track({ ...signal, properties: { ...extra().properties, ...signal.properties } }) ?? '',
      undo: () => open()?.undo(),
      retry: () => open()?.retry(),
    }
  }, [client, eventId, attachmentId, usesToken, token, latest])

  // A token that came late: what waited for it can go.
  useEffect(() => {
    if (token) calls.open()
  }, [calls, token])

  useEffect(() => calls.open()?.subscribe((next) => latest.current.onChange?.(next)), [calls, latest])

  const reasons = [...draft.reasons.keys()]
  const disabled = !eventId
  const canSubmit = !disabled && (draft.text.trim() !== '' || reasons.length > 0)

  function submit(): boolean {
    if (!canSubmit) return false
    const text = draft.text.trim() || [...draft.reasons.values()].join(', ')
    calls.comment(text, { reasons })
    clear()
    return true
  }

  return {
    ...calls,
    state,
    isPending: state.delivery === 'held' || state.delivery === 'queued',
    error: useMemo(
      () => (state.delivery === 'failed' ? new Error(`Feedback was not sent: ${state.reason}`) : null),
      [state.delivery, state.reason],
    ),
    getVoteButtonProps: (vote) => ({
      type: 'button',
      'aria-label': labels[vote],
      'aria-pressed': state.vote === vote,
      'data-state': state.vote === vote ? 'on' : 'off',
      disabled,
      onClick: () => calls.vote(vote),
    }),
    draft: draft.text,
    setDraft: setText,
    reasons,
    toggleReason: (id, label = id) => toggleReason(id, label),
    submit,
    getCommentProps: () => ({
      'aria-label': labels.comment,
      placeholder: labels.commentPlaceholder,
      value: draft.text,
      disabled,
      onChange: (event) => setText(event.currentTarget.value),
      onKeyDown: (event) => submitOnEnter(event, submit),
    }),
    getSubmitProps: () => ({ type: 'button', disabled: !canSubmit, onClick: () => void submit() }),
  }
}

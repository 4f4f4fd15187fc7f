import type { FeedbackTarget } from 'raindrop-js'
import type { ReactElement, ReactNode } from 'react'
import { Feedback } from './feedback'
import { useGroup } from './group'
import type { GroupOptions } from './use-group-state'

export interface FeedbackReason {
  id: string
  label: ReactNode
  for?: 'up' | 'down'
}

export interface FeedbackButtonsProps extends Omit<FeedbackTarget, 'eventId'>, GroupOptions {
  /** Not known yet while a message streams: null shows the disabled buttons. */
  eventId: string | null | undefined
  reasons?: readonly FeedbackReason[]
  /** The text shown to the user; giving it offers an edit. */
  edit?: { output: string; onSave?: (after: string) => void }
  copy?: { text: string }
  className?: string
  /** Drops the built-in styles, keeps the data attributes. */
  unstyled?: boolean
}

/** Those that fit the vote. */
function Reasons({ reasons }: { reasons: readonly FeedbackReason[] }): ReactElement | null {
  const { signal, labels, panel } = useGroup()
  const fitting = reasons.filter((reason) => !reason.for || reason.for === signal.state.vote)
  if (fitting.length === 0 || panel === 'edit') return null
  return (
    <div data-raindrop="reasons" role="group" aria-label={labels.reasons}>
      {fitting.map(({ id, label }) => (
        <Feedback.Reason key={id} value={id}>
          {label}
        </Feedback.Reason>
      ))}
    </div>
  )
}

/**
 * Thumbs under a message, with all that belongs to them: undo, a comment with reasons, an edit, copy, an outage.
 * @example
 * <FeedbackButtons eventId={message.metadata.raindrop.eventId} reasons={[{ id: 'wrong', label: 'Not correct' }]} />
 */
export function FeedbackButtons(props: FeedbackButtonsProps): ReactElement {
  const { reasons = [], edit, copy, className, unstyled, ...target } = props
  const classes = [!unstyled && 'raindrop-feedback', className].filter(Boolean).join(' ')
  return (
    <Feedback.Root {...target} {...(classes && { className: classes })}>
      <Feedback.Up />
      <Feedback.Down />
      {copy && <Feedback.Copy text={copy.text} />}
      {edit && <Feedback.EditTrigger />}
      <Feedback.Status />
      <Feedback.Undo />
      <Feedback.Retry />
      <Feedback.Panel>
        <Reasons reasons={reasons} />
        <Feedback.Comment />
        {edit && <Feedback.Editor output={edit.output} onSave={edit.onSave} />}
        <div data-raindrop="actions">
          <Feedback.Cancel />
          <Feedback.Submit />
        </div>
      </Feedback.Panel>
    </Feedback.Root>
  )
}

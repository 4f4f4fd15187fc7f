import type { ReactElement, ReactNode } from 'react'
import { isFitting, outcomeOf } from './actions'
import { Feedback } from './feedback'
import { GroupContext, type GroupOptions, useGroup } from './group'
import { draw, ownProps } from './part'
import { copy } from './parts/copy'
import { editTrigger } from './parts/edit'
import { root } from './parts/root'
import { retryButton, status, undoButton } from './parts/status'
import { down, up } from './parts/vote-button'
import { type GroupTarget, useGroupState } from './use-group-state'

/** A reason to choose: `id` is sent, and the label is the comment where none is written. */
export interface FeedbackReason {
  id: string
  label: ReactNode
  for?: 'up' | 'down'
}

/** What is judged, and what is offered beside the thumbs. */
export interface FeedbackButtonsProps extends GroupTarget, GroupOptions {
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
  const group = useGroup()
  if (group.view.panel === 'edit' || !reasons.some((reason) => isFitting(group, reason))) return null
  return (
    <div data-raindrop="reasons" role="group" aria-label={group.labels.reasons}>
      {reasons.map(({ id, label, for: vote }) => (
        <Feedback.Reason key={id} value={id} for={vote}>
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
  const { reasons = [], edit, copy: copied, className, unstyled } = props
  const group = useGroupState(props)
  const { view } = group
  // So many live regions would be a burden for who listens: a group gets its own with the focus.
  const isTouched = view.wasFocused || view.isListening || outcomeOf(group)
  const classes = [!unstyled && 'raindrop-feedback', className].filter(Boolean).join(' ')
  return (
    <div {...ownProps(root, group)} className={classes || undefined}>
      {draw(up, group)}
      {draw(down, group)}
      {copied && draw(copy, group, copied)}
      {edit && draw(editTrigger, group)}
      {isTouched && draw(status, group)}
      {draw(undoButton, group)}
      {draw(retryButton, group)}
      {view.panel && (
        <GroupContext.Provider value={group}>
          <Feedback.Panel>
            <Reasons reasons={reasons} />
            <Feedback.Comment />
            {edit && <Feedback.Editor {...edit} />}
            <div data-raindrop="actions">
              <Feedback.Cancel />
              <Feedback.Submit />
            </div>
          </Feedback.Panel>
        </GroupContext.Provider>
      )}
    </div>
  )
}

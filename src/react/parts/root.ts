import type { FeedbackTarget } from 'raindrop-js'
import { createElement, forwardRef, type HTMLAttributes, type KeyboardEvent } from 'react'
import { GroupContext } from '../group'
import type { Part } from '../part'
import { type AnyProps, useSlot } from '../slot'
import { type GroupOptions, useGroupState } from '../use-group-state'

export interface RootProps
  extends Omit<FeedbackTarget, 'eventId'>, GroupOptions, Omit<HTMLAttributes<HTMLElement>, 'onChange' | 'property'> {
  /** Not known yet while a message streams: null disables the group. */
  eventId: string | null | undefined
}

/** The target, if there is one. A token that is given as undefined is one that is still to come. */
function targetOf(props: RootProps): FeedbackTarget | null {
  const { eventId, attachmentId, token } = props
  if (!eventId) return null
  return { eventId, attachmentId, ...('token' in props && { token }) }
}

/** A named group of feedback on one event, or on one attachment of it. */
export const Root = forwardRef<HTMLElement, RootProps>((props, ref) => {
  const group = useGroupState(targetOf(props), props)
  // oxlint-disable-next-line eslint/no-unused-vars -- What is left is for the element.
  const { eventId, attachmentId, token, comment, streaming, labels, undoWindowMs, properties, onChange, ...given } =
    props
  const own = {
    'data-raindrop': 'root',
    'data-state': group.signal.state.delivery,
    ...group.data,
    role: 'group',
    'aria-label': group.labels.group,
    ref: group.root,
    onFocus: group.noteFocus,
    onKeyDown(event: KeyboardEvent) {
      // Escape ends an input method's composition first.
      if (event.key !== 'Escape' || !group.panel || event.nativeEvent.isComposing) return
      event.preventDefault()
      event.stopPropagation()
      group.close()
    },
  }
  return createElement(GroupContext.Provider, { value: group }, useSlot('div', own, given as AnyProps, ref))
}) as unknown as Part<RootProps>

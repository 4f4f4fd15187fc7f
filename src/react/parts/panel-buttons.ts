import type { ButtonHTMLAttributes } from 'react'
import { createPart } from '../part'

/** Sends the comment, or saves the edit. */
export const Submit = createPart<ButtonHTMLAttributes<HTMLButtonElement>>('submit', 'button', (group, given) => [
  {
    type: 'button',
    disabled: group.isDisabled || !group.canSend,
    children: group.labels[group.panel === 'edit' ? 'save' : 'submit'],
    onClick: group.send,
  },
  given,
])

/** Closes the panel and keeps what was written in it. */
export const Cancel = createPart<ButtonHTMLAttributes<HTMLButtonElement>>('cancel', 'button', (group, given) => [
  { type: 'button', children: group.labels.cancel, onClick: group.close },
  given,
])

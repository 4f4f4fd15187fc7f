import type { ButtonHTMLAttributes } from 'react'
import { canSubmit, closePanel, submit } from '../actions'
import { buttonPart } from '../button-part'
import { toComponent } from '../part'

/** Sends the comment, or saves the edit. */
export const Submit = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(
  buttonPart('submit', submit, (group) => ({
    disabled: !canSubmit(group),
    ...(group.view.panel === 'edit' && { children: group.labels.save }),
  })),
)

/** Closes the panel and keeps what was written in it. */
export const Cancel = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(buttonPart('cancel', closePanel, () => ({})))

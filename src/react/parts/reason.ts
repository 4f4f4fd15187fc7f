import type { HTMLAttributes, MouseEvent } from 'react'
import { createPart } from '../part'

export interface ReasonProps extends HTMLAttributes<HTMLElement> {
  /** Sent as one of `properties.reasons`; what the chip says is the comment where none is written. */
  value: string
}

/** A chip that chooses a reason. Hidden while the panel asks for an edit. */
export const Reason = createPart<ReasonProps>('reason', 'button', ({ panel, signal }, { value, ...given }) => {
  const id = String(value)
  const isOn = signal.reasons.includes(id)
  const own = {
    type: 'button',
    'aria-pressed': isOn,
    'data-state': isOn ? 'on' : 'off',
    onClick: ({ currentTarget }: MouseEvent) => signal.toggleReason(id, currentTarget.textContent?.trim() || id),
  }
  return [panel === 'edit' ? null : own, given]
})

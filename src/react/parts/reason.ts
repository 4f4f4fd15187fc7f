import type { HTMLAttributes, MouseEvent } from 'react'
import { isFitting } from '../actions'
import { toComponent } from '../part'

export interface ReasonProps extends HTMLAttributes<HTMLElement> {
  /** Sent as one of `properties.reasons`; what the chip says is the comment where none is written. */
  value: string
  /** The vote that it goes with: hidden, and not sent, with the other one. Default either. */
  for?: 'up' | 'down' | undefined
}

/** A chip that chooses a reason. Hidden while the panel asks for an edit. */
export const Reason = toComponent<ReasonProps>({
  name: 'reason',
  tag: 'button',
  own(group, props) {
    const { panel, reasons } = group.view
    const { value: id, for: vote } = props as unknown as ReasonProps
    const toggle = ({ currentTarget }: MouseEvent) => {
      const { [id]: before, ...others } = reasons
      const text = currentTarget.textContent?.trim() || id
      group.change({ reasons: before ? others : { ...others, [id]: { text, for: vote } } })
    }
    return (
      panel !== 'edit' &&
      isFitting(group, { for: vote }) && {
        type: 'button',
        'aria-pressed': id in reasons,
        'data-state': id in reasons ? 'on' : 'off',
        onClick: toggle,
      }
    )
  },
})

import type { HTMLAttributes, MouseEvent } from 'react'
import { toComponent } from '../part'

export interface ReasonProps extends HTMLAttributes<HTMLElement> {
  /** Sent as one of `properties.reasons`; what the chip says is the comment where none is written. */
  value: string
}

/** A chip that chooses a reason. Hidden while the panel asks for an edit. */
export const Reason = toComponent<ReasonProps>({
  name: 'reason',
  tag: 'button',
  own({ change, view: { panel, reasons } }, { value }) {
    const id = value as string
    const toggle = ({ currentTarget }: MouseEvent) => {
      const { [id]: chosen, ...others } = reasons
      change({ reasons: chosen ? others : { ...others, [id]: currentTarget.textContent?.trim() || id } })
    }
    return (
      panel !== 'edit' && {
        type: 'button',
        'aria-pressed': id in reasons,
        'data-state': id in reasons ? 'on' : 'off',
        onClick: toggle,
      }
    )
  },
})

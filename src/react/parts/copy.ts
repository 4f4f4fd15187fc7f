import type { HTMLAttributes } from 'react'
import { tell } from '../actions'
import { buttonPart } from '../button-part'
import { copyText } from '../copy-text'
import { toComponent } from '../part'

export interface CopyProps extends HTMLAttributes<HTMLElement> {
  text: string
}

export const copy = buttonPart(
  'copy',
  async (group, _, { text }) => {
    if (!(await copyText(text as string))) return
    group.calls().track({ name: 'copied' })
    tell(group, 'copied')
  },
  ({ labels, view }) => ({ 'aria-label': labels.copy, 'data-state': view.notice === 'copied' ? 'on' : 'off' }),
)

/** Copies `text`, and says so by a signal `copied`. */
export const Copy = toComponent<CopyProps>(copy)

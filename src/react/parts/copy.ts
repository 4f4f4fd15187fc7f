import type { HTMLAttributes } from 'react'
import { copyText } from '../copy-text'
import { createPart } from '../part'

export interface CopyProps extends HTMLAttributes<HTMLElement> {
  text: string
}

/** Copies `text`, and says so by a signal `copied`. */
export const Copy = createPart<CopyProps>('copy', 'button', (group, { text, ...given }) => {
  return [
    {
      type: 'button',
      'aria-label': group.labels.copy,
      'data-state': group.notice === 'copied' ? 'on' : 'off',
      ...group.disabledProps,
      children: group.labels.copy,
      async onClick() {
        if (group.isDisabled || !(await copyText(String(text)))) return
        group.signal.track({ name: 'copied' })
        group.tell('copied')
      },
    },
    given,
  ]
})

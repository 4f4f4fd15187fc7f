import type { ButtonHTMLAttributes, MouseEvent } from 'react'
import { createPart } from '../part'

const createVoteButton = (vote: 'up' | 'down') =>
  createPart<ButtonHTMLAttributes<HTMLButtonElement>>(vote, 'button', (group, given) => [
    {
      ...group.signal.getVoteButtonProps(vote),
      disabled: undefined,
      ...group.disabledProps,
      'aria-label': group.labels[vote],
      // What who brings no icon sees; the styles draw one over it.
      children: group.labels[vote],
      onClick: (event: MouseEvent<HTMLElement>) => group.press(vote, event.currentTarget),
    },
    given,
  ])

/** Toggles a thumbs-up. */
export const Up = createVoteButton('up')

/** Toggles a thumbs-down. */
export const Down = createVoteButton('down')

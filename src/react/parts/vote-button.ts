import type { ButtonHTMLAttributes } from 'react'
import { press } from '../actions'
import { buttonPart } from '../button-part'
import { voteProps } from '../control-props'
import { toComponent } from '../part'

const voteButton = (vote: 'up' | 'down') =>
  buttonPart(
    vote,
    (group, { currentTarget }) => press(group, vote, currentTarget),
    ({ labels, state }) => voteProps(labels, state, vote),
  )

export const up = voteButton('up')
export const down = voteButton('down')

/** Toggles a thumbs-up. */
export const Up = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(up)

/** Toggles a thumbs-down. */
export const Down = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(down)

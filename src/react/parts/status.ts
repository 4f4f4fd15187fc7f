import type { ButtonHTMLAttributes } from 'react'
import { outcomeOf, retry, undo } from '../actions'
import { buttonPart } from '../button-part'
import { type PartOf, toComponent } from '../part'

export const status: PartOf = {
  name: 'status',
  tag: 'span',
  own(group) {
    const { labels, places, view } = group
    const what = outcomeOf(group)
    return {
      role: 'status',
      tabIndex: -1,
      'data-state': what ?? 'idle',
      ref: places.status,
      // A live region is heard when it changes, not when it appears.
      children: what && view.isListening && labels[what],
    }
  },
}

export const undoButton = buttonPart('undo', undo, (group) => outcomeOf(group) === 'thanks' && {})

export const retryButton = buttonPart('retry', retry, (group) => outcomeOf(group) === 'failed' && {})

/** Tells politely what came of it. Takes the focus when a panel is submitted; there also while it is empty, so that it is heard. */
export const Status = toComponent(status)

/** Takes back what was said last. There for a moment after it was said. */
export const Undo = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(undoButton)

/** Sends again what failed. There only then. */
export const Retry = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(retryButton)

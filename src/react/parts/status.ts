import type { ButtonHTMLAttributes } from 'react'
import { retry, undo } from '../actions'
import { buttonPart } from '../button-part'
import type { Group } from '../group'
import { type PartOf, toComponent } from '../part'

const isFailed = ({ state }: Group): boolean => state.delivery === 'failed'

export const status: PartOf = {
  name: 'status',
  tag: 'span',
  own(group) {
    const { labels, places, view } = group
    const what = isFailed(group) ? 'failed' : view.notice
    return {
      role: 'status',
      tabIndex: -1,
      'data-state': what ?? 'idle',
      ref: places.status,
      children: what && labels[what],
    }
  },
}

export const undoButton = buttonPart('undo', undo, (group) => group.view.notice === 'thanks' && !isFailed(group) && {})

export const retryButton = buttonPart('retry', retry, (group) => isFailed(group) && {})

/** Tells politely what came of it. Takes the focus when a panel is submitted; there also while it is empty, so that it is heard. */
export const Status = toComponent(status)

/** Takes back what was said last. There for a moment after it was said. */
export const Undo = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(undoButton)

/** Sends again what failed. There only then. */
export const Retry = toComponent<ButtonHTMLAttributes<HTMLButtonElement>>(retryButton)

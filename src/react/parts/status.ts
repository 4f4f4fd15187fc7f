import type { ButtonHTMLAttributes } from 'react'
import { createPart } from '../part'

/** Tells politely what came of it. Takes the focus when a panel is submitted; there also while it is empty, so that it is heard. */
export const Status = createPart('status', 'span', ({ signal, notice, labels, status }, given) => [
  {
    role: 'status',
    tabIndex: -1,
    'data-state': signal.error ? 'failed' : (notice ?? 'idle'),
    ref: status,
    children: signal.error ? labels.failed : notice && labels[notice],
  },
  given,
])

/** Takes back what was said last. There for a moment after it was said. */
export const Undo = createPart<ButtonHTMLAttributes<HTMLButtonElement>>('undo', 'button', (group, given) => [
  group.notice === 'thanks' && !group.signal.error
    ? { type: 'button', children: group.labels.undo, onClick: group.undo }
    : null,
  given,
])

/** Sends again what failed. There only then. */
export const Retry = createPart<ButtonHTMLAttributes<HTMLButtonElement>>('retry', 'button', (group, given) => [
  group.signal.error ? { type: 'button', children: group.labels.retry, onClick: group.retry } : null,
  given,
])

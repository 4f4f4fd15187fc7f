import { useRef } from 'react'
import { createPart } from '../part'
import { useBrowserLayoutEffect } from '../use-latest'

/** Room that is left between the panel and the edge of the window, px. */
const MARGIN = 8

/** Moves what hangs over an edge of the window back in, and into sight where the page scrolls. */
function bringIntoView(panel: HTMLElement): void {
  panel.style.translate = ''
  const { left, right } = panel.getBoundingClientRect()
  const over = Math.max(right - document.documentElement.clientWidth + MARGIN, 0) || Math.min(left - MARGIN, 0)
  if (over) panel.style.translate = `${-over}px`
  panel.scrollIntoView?.({ block: 'nearest' })
}

/** Asks for a comment or an edit, under the buttons and over what follows. There only while it is open; not modal. */
export const Panel = createPart('panel', 'div', (group, given) => {
  const { panel, labels } = group
  const element = useRef<HTMLElement>(null)
  useBrowserLayoutEffect(() => {
    if (!panel || !element.current) return
    bringIntoView(element.current)
    element.current.querySelector<HTMLElement>('textarea')?.focus({ preventScroll: true })
  }, [panel])
  return [
    panel && { 'data-state': 'open', 'data-mode': panel, role: 'group', 'aria-label': labels[panel], ref: element },
    given,
  ]
})

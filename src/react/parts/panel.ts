import { useEffect } from 'react'
import { canSubmit } from '../actions'
import { toComponent } from '../part'
import { useBrowserLayoutEffect } from '../use-latest'

/** Room that is left between the panel and the edges of the window, px. */
const MARGIN = 8

/** Moves what hangs over an edge of the window back in, and into sight where the page scrolls. */
function bringIntoView(panel: HTMLElement): void {
  const { left, right } = panel.getBoundingClientRect()
  panel.style.translate = `${Math.max(Math.min(document.documentElement.clientWidth - MARGIN - right, 0), MARGIN - left)}px`
  panel.scrollIntoView?.({ block: 'nearest' })
}

/** Asks for a comment or an edit, under the buttons and over what follows. There only while it is open; not modal. */
export const Panel = toComponent({
  name: 'panel',
  tag: 'div',
  own(group) {
    const { change, labels, places, view, isDisabled } = group
    const element = places.panel
    const panel = !isDisabled && view.panel
    const isUntouched = panel === 'edit' ? view.edited === undefined : !canSubmit(group)

    useBrowserLayoutEffect(() => {
      if (!panel || !element.current) return
      bringIntoView(element.current)
      element.current.querySelector<HTMLElement>('textarea')?.focus({ preventScroll: true })
    }, [panel])

    // A panel with nothing in it is in the way of who turns elsewhere; one with words in it stays.
    useEffect(() => {
      if (!panel || !isUntouched) return
      const closeOutside = ({ target }: Event) => {
        if (!element.current?.closest('[data-raindrop=root]')?.contains(target as Node)) change({ panel: null })
      }
      const end = new AbortController()
      document.addEventListener('pointerdown', closeOutside, end)
      document.addEventListener('focusin', closeOutside, end)
      return () => end.abort()
    })

    return panel && { 'data-state': 'open', role: 'group', 'aria-label': labels[panel], ref: element }
  },
})

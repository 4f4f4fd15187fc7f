'use client'

import { useEffect, useLayoutEffect, useRef } from 'react'

/** Follows growing content while its reader is at the end, and leaves alone who has scrolled up. */
export function useStickToEnd<E extends HTMLElement>(content: unknown) {
  const element = useRef<E>(null)
  const isAtEnd = useRef(true)

  useEffect(() => {
    const scroller = element.current
    if (!scroller) return
    const remember = () => {
      isAtEnd.current = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 48
    }
    scroller.addEventListener('scroll', remember, { passive: true })
    return () => scroller.removeEventListener('scroll', remember)
  }, [])

  useLayoutEffect(() => {
    const scroller = element.current
    if (scroller && isAtEnd.current) scroller.scrollTop = scroller.scrollHeight
  }, [content])

  return element
}

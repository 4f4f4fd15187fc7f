'use client'

import { useLayoutEffect, useRef } from 'react'

/**
 * Brings each new question to the top, where the answer then grows under it. Following the end instead would carry the beginning of a long
 * answer away before it is read.
 */
export function useScrollToTurn<E extends HTMLElement>(turnCount: number) {
  const list = useRef<E>(null)
  const shown = useRef(turnCount)

  useLayoutEffect(() => {
    if (turnCount > shown.current) list.current?.lastElementChild?.scrollIntoView({ block: 'start' })
    shown.current = turnCount
  }, [turnCount])

  return list
}

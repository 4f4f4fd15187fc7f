'use client'

import { useLayoutEffect, useRef } from 'react'

/**
 * Brings each new question to the top, where the answer then grows under it, and the last one of a conversation that is opened. Following the
 * end instead would carry the beginning of a long answer away before it is read.
 */
export function useScrollToTurn<E extends HTMLElement>(convoId: string | null, turnCount: number) {
  const list = useRef<E>(null)
  const shown = useRef<{ convoId: string | null; turnCount: number }>({ convoId: null, turnCount: 0 })

  useLayoutEffect(() => {
    const isOther = shown.current.convoId !== convoId
    if (turnCount > 0 && (isOther || turnCount > shown.current.turnCount))
      list.current?.lastElementChild?.scrollIntoView({ block: 'start' })
    shown.current = { convoId, turnCount }
  }, [convoId, turnCount])

  return list
}

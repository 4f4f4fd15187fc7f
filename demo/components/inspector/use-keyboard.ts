'use client'

import { useEffect, useEffectEvent } from 'react'

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Single keys, as long as nothing is being typed and no modifier is held. `Escape` is heard in fields too. */
export function useKeyboard(keys: Keys): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
    const target = event.target instanceof HTMLElement ? event.target : null
    const isField = target?.closest('input, textarea, select, [contenteditable="true"]')
    if (isField && event.key !== 'Escape') return
    if (Object.hasOwn(keys, event.key)) keys[event.key]?.(event)
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])
}

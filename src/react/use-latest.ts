import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react'

/** React 18 warns of a layout effect on the server, where none runs anyway. */
export const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

/** What was last rendered with, for handlers that must not change with it. */
export function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value)
  useBrowserLayoutEffect(() => {
    latest.current = value
  })
  return latest
}

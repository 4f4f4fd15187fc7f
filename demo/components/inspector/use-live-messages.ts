'use client'

import { useEffect, useEffectEvent } from 'react'
import { useLive, type LiveMessage } from './live-provider'

export function useLiveMessages(listener: (message: LiveMessage) => void): void {
  const { subscribe } = useLive()
  const listen = useEffectEvent(listener)
  useEffect(() => subscribe((message) => listen(message)), [subscribe])
}

/** Calls at most once in `everyMs` while things change: what is read for it is more than a line. */
export function useLiveRefresh(refresh: () => void, everyMs: number): void {
  const { subscribe } = useLive()
  const run = useEffectEvent(refresh)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        run()
      }, everyMs)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [subscribe, everyMs])
}

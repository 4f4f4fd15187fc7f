'use client'

import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import type { EventSummary } from './events'

export type Connection = 'connecting' | 'live' | 'reconnecting'
/** `resync`: something may have gone unheard, read it again. */
export type LiveMessage = { type: 'changed'; events: EventSummary[] } | { type: 'resync' }
type Listener = (message: LiveMessage) => void

interface Live {
  connection: Connection
  /** Returns what ends it. */
  subscribe(listener: Listener): () => void
}

const LiveContext = createContext<Live | null>(null)
const retryMs = 1_000

/** One stream for all pages of the inspector. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [connection, setConnection] = useState<Connection>('connecting')
  const listeners = useRef(new Set<Listener>())

  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const tell = (message: LiveMessage) => {
      for (const listener of listeners.current) listener(message)
    }
    const connect = () => {
      source = new EventSource('/api/inspector/stream')
      source.onopen = () => {
        setConnection('live')
        // What arrived before the stream was open was not announced to us.
        tell({ type: 'resync' })
      }
      source.onmessage = ({ data }: MessageEvent<string>) => tell(JSON.parse(data) as LiveMessage)
      source.onerror = () => {
        setConnection('reconnecting')
        // After an error status EventSource gives up; after a broken connection it tries again by itself.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, retryMs)
      }
    }
    connect()
    return () => {
      source?.close()
      clearTimeout(timer)
    }
  }, [])

  const live = useMemo<Live>(
    () => ({
      connection,
      subscribe: (listener) => {
        listeners.current.add(listener)
        return () => void listeners.current.delete(listener)
      },
    }),
    [connection],
  )
  return <LiveContext value={live}>{children}</LiveContext>
}

export function useLive(): Live {
  const live = use(LiveContext)
  if (!live) throw new Error('useLive: put a <LiveProvider> around it.')
  return live
}

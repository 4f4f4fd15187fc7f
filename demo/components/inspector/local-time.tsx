'use client'

import { useSyncExternalStore } from 'react'

/** The reader's own time. The server does not know it and writes UTC, in the same width, until the page is alive. */
export function LocalTime({ value, withDate = false }: { value: string; withDate?: boolean }) {
  const isServer = useSyncExternalStore(never, no, yes)
  const time = new Date(value)
  const shown = isServer ? time.toISOString() : isoLocal(time)
  return <time dateTime={value}>{withDate ? shown.slice(0, 19).replace('T', ' ') : shown.slice(11, 19)}</time>
}

const never = () => () => undefined
const no = () => false
const yes = () => true

const isoLocal = (time: Date) => new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString()

'use client'

import { useRaindropState } from 'raindrop-js/react'
import { useState } from 'react'
import type { ShownAnswer } from './turns'

/**
 * The visitor's own words on an answer. What this browser knows counts more than what the server was told, from the moment that it knows
 * anything: it may have been offline since, and it may have taken something back.
 */
export function useSaid({ eventId, feedback }: ShownAnswer): {
  comment: string | undefined
  after: string | undefined
} {
  const own = useRaindropState((state) => (eventId ? state.feedback[eventId] : undefined))
  const [isOwn, setOwn] = useState(false)
  const knows = own?.comment !== undefined || own?.after !== undefined
  if (knows && !isOwn) setOwn(true)
  const { comment, after } = (knows || isOwn ? own : feedback['']) ?? {}
  return { comment, after }
}

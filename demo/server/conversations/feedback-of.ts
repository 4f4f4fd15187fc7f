import type { StoredFeedback } from './conversation'

/** A signal as it was sent: the wire has no update and no delete, so the state is what their sum says. */
export interface StoredSignal {
  signalId: string
  name: string
  properties: Readonly<Record<string, unknown>>
}

/** What the signals on one target, oldest first, come to. */
export function feedbackOf(signals: readonly StoredSignal[]): StoredFeedback {
  const gone = new Set(signals.flatMap(({ properties }) => [properties.retracts, properties.replaces]))
  const state: StoredFeedback = { vote: null }
  for (const { signalId, name, properties } of signals) {
    if (gone.has(signalId)) continue
    if (name === 'thumbs_up') state.vote = 'up'
    if (name === 'thumbs_down') state.vote = 'down'
    if (name === 'user_feedback' && typeof properties.comment === 'string') state.comment = properties.comment
    if (name === 'user_edit' && typeof properties.after === 'string') state.after = properties.after
  }
  return state
}

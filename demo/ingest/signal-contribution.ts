import type { Contribution } from './counters'

export interface CountedSignal {
  receivedAt: Date
  model: string
  rating: number
  superseded: boolean
}

/** A vote that was replaced or taken back still was a signal, and is no opinion any more. */
export const signalContribution = ({ receivedAt, model, rating, superseded }: CountedSignal): Contribution => ({
  at: receivedAt,
  model,
  counters: { signals: 1, positive: Number(!superseded && rating > 0), negative: Number(!superseded && rating < 0) },
})

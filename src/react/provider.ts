import type { FeedbackState, Raindrop } from 'raindrop-js'
import { createContext, type ReactElement, type ReactNode, useContext, useMemo } from 'react'
import { jsx } from 'react/jsx-runtime'
import { englishLabels, type FeedbackLabels, withLabels } from './labels'

export type Vote = FeedbackState['vote']

/** The client, and what every group below it starts with. */
export interface RaindropProviderProps {
  client: Raindrop
  /** Votes known to the server (from your database) by event id, or `eventId#attachmentId`, so that they show on the first paint. */
  initialFeedback?: Record<string, Pick<FeedbackState, 'vote'>>
  labels?: Partial<FeedbackLabels>
  children?: ReactNode
}

interface Provided {
  readonly client: Raindrop
  readonly initialFeedback: RaindropProviderProps['initialFeedback']
  readonly labels: Required<FeedbackLabels>
}

const Context = createContext<Provided | null>(null)

/** The same object for the same content: labels written inline must not render every group anew. */
function useSame<T>(value: T): T {
  // oxlint-disable-next-line react/exhaustive-deps -- By content, not by identity.
  return useMemo(() => value, [JSON.stringify(value)])
}

/**
 * Gives the client to the hooks and parts below it. Creates nothing and sends nothing.
 * @example
 * const raindrop = new Raindrop({ relay: '/api/raindrop' })
 * <RaindropProvider client={raindrop}>{children}</RaindropProvider>
 */
export function RaindropProvider({ client, children, ...given }: RaindropProviderProps): ReactElement {
  const initialFeedback = useSame(given.initialFeedback)
  const labels = useSame(given.labels)
  const value = useMemo(
    () => ({ client, initialFeedback, labels: withLabels(englishLabels, labels) }),
    [client, initialFeedback, labels],
  )
  return jsx(Context.Provider, { value, children })
}

export function useProvided(): Provided {
  const provided = useContext(Context)
  if (provided) return provided
  throw new Error('Put <RaindropProvider client={raindrop}> around it.')
}

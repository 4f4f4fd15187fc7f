import type { FeedbackHandle, FeedbackState, FeedbackTarget, Raindrop } from 'raindrop-js'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useProvided, type Vote } from './provider'
import { useBrowserLayoutEffect } from './use-latest'

const IDLE: FeedbackState = { vote: null, delivery: 'idle' }

/** The state of one target, or of none. */
function createReader(
  client: Raindrop,
  eventId: string | undefined,
  attachmentId: string | undefined,
  vote: Vote | undefined,
) {
  // Opened late: a server renders the votes that it was given, and keeps no state between requests.
  let handle: FeedbackHandle | undefined
  const open = () => (handle ??= eventId ? client.feedback({ eventId, attachmentId }) : undefined)
  const initial: FeedbackState = vote ? { vote, delivery: 'delivered' } : IDLE
  return {
    open,
    subscribe: (listener: () => void) => open()?.subscribe(listener) ?? (() => undefined),
    getState: () => open()?.getState() ?? IDLE,
    getServerState: () => initial,
  }
}

/** The shared state of one target, read by nobody else than its own components: a vote renders one group. */
export function useFeedbackState(
  target: FeedbackTarget | null,
  onChange: ((state: FeedbackState) => void) | undefined,
): FeedbackState {
  const { client, initialFeedback } = useProvided()
  const { eventId, attachmentId, token } = target ?? {}
  const key = keyOf(target) ?? ''
  const vote = initialFeedback?.[key]?.vote
  const reader = useMemo(() => createReader(client, eventId, attachmentId, vote), [client, eventId, attachmentId, vote])

  // Before the browser paints: a vote from the server shows at once, in a page that was not rendered on the server too.
  useBrowserLayoutEffect(() => {
    if (vote !== undefined) reader.open()?.restore(vote)
  }, [reader, vote])

  useEffect(() => {
    // A token that came late: what waited for it can go.
    if (eventId && token) client.feedback({ eventId, attachmentId, token })
    return onChange && reader.open()?.subscribe(onChange)
  }, [client, reader, eventId, attachmentId, token, onChange])

  return useSyncExternalStore(reader.subscribe, reader.getState, reader.getServerState)
}

/** As in `raindrop.store`. */
export function keyOf(target: FeedbackTarget | null): string | undefined {
  return target?.attachmentId ? `${target.eventId}#${target.attachmentId}` : target?.eventId
}

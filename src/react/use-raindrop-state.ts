import type { RaindropState } from 'raindrop-js'
import { useMemo, useSyncExternalStore } from 'react'
import { useRaindrop } from './use-raindrop'

/** Remembers the last answer: a selector that builds an object anew must not look like a change. */
function remember<T>(read: () => RaindropState, select: (state: RaindropState) => T): () => T {
  let last: { readonly state: RaindropState; readonly value: T } | undefined
  return () => {
    const state = read()
    if (last?.state !== state) last = { state, value: select(state) }
    return last.value
  }
}

/**
 * A part of `raindrop.store`; renders again when what is selected changes.
 * @example
 * const isOnline = useRaindropState((state) => state.online)
 */
export function useRaindropState<T>(select: (state: RaindropState) => T): T {
  const { store } = useRaindrop()
  const [read, readInitial] = useMemo(
    () => [remember(store.getState, select), remember(store.getInitialState, select)] as const,
    [store, select],
  )
  return useSyncExternalStore(store.subscribe, read, readInitial)
}

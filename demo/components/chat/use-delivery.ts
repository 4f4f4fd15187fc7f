'use client'

import { useSyncExternalStore } from 'react'
import { network, raindrop } from './browser-client'
import type { NetworkMode } from './network-mode'

/** What the client of this page has done so far. `initialMode`: as the server knows it by the cookie, for the first paint. */
export function useDelivery(initialMode: NetworkMode) {
  const mode = useSyncExternalStore(network.subscribe, network.mode, () => initialMode)
  const error = useSyncExternalStore(network.subscribe, network.lastError, () => null)
  const { stats } = useSyncExternalStore(
    raindrop.store.subscribe,
    raindrop.store.getState,
    raindrop.store.getInitialState,
  )
  return { mode, error, stats }
}

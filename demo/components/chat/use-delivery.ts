'use client'

import { useRaindropState } from 'raindrop-js/react'
import { useSyncExternalStore } from 'react'
import { network } from './browser-client'
import type { NetworkMode } from './network-mode'

/** What the client of this page has done so far. `initialMode`: as the server knows it by the cookie, for the first paint. */
export function useDelivery(initialMode: NetworkMode) {
  const mode = useSyncExternalStore(network.subscribe, network.mode, () => initialMode)
  const error = useSyncExternalStore(network.subscribe, network.lastError, () => null)
  const stats = useRaindropState((state) => state.stats)
  const isHeld = useRaindropState(({ feedback }) => Object.values(feedback).some(({ delivery }) => delivery === 'held'))
  return { mode, error, stats, isHeld }
}

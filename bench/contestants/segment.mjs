import { requirePeer } from './require-peer.mjs'

/** Longer than any burst. Its flush may wait for the interval, so an hour would be one. */
const PAUSE_MS = 500

export function open({ address, batchSize, isPaused }) {
  const { Analytics } = requirePeer('@segment/analytics-node')
  const { origin, pathname } = new URL(address)
  const analytics = new Analytics({
    writeKey: 'bench',
    host: origin,
    path: `${pathname}/v1/batch`,
    flushAt: isPaused ? 1_000_000 : batchSize,
    flushInterval: isPaused ? PAUSE_MS : undefined,
  })
  return {
    shape: ({ event, userId, properties, ...rest }) => ({ userId, event, properties: { ...properties, ...rest } }),
    track: (event) => analytics.track(event),
    flush: () => analytics.flush({ close: false, timeout: 2 * PAUSE_MS }),
  }
}

import { requirePeer } from './require-peer.mjs'

export function open({ address, batchSize, isPaused }) {
  const { Analytics } = requirePeer('@segment/analytics-node')
  const { origin, pathname } = new URL(address)
  const analytics = new Analytics({
    writeKey: 'bench',
    host: origin,
    path: `${pathname}/v1/batch`,
    flushAt: isPaused ? 1_000_000 : batchSize,
    flushInterval: isPaused ? 3_600_000 : undefined,
  })
  return {
    shape: ({ event, userId, properties, ...rest }) => ({ userId, event, properties: { ...properties, ...rest } }),
    track: (event) => analytics.track(event),
    flush: () => analytics.flush({ close: false }),
  }
}

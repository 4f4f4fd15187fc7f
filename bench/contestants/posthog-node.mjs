import { requirePeer } from './require-peer.mjs'

/** Without gzip, as all others: it is the larger part of its CPU. */
export function open({ address, batchSize, isPaused }) {
  const { PostHog } = requirePeer('posthog-node')
  const posthog = new PostHog('phc_bench', {
    host: address,
    flushAt: isPaused ? 1_000_000 : batchSize,
    maxBatchSize: batchSize,
    flushInterval: isPaused ? 3_600_000 : undefined,
    maxQueueSize: 1_000_000,
    disableCompression: true,
  })
  return {
    shape: ({ event, userId, properties, ...rest }) => ({
      distinctId: userId,
      event,
      properties: { ...properties, ...rest },
    }),
    track: (message) => posthog.capture(message),
    flush: () => posthog.flush(),
  }
}

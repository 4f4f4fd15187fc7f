import { requirePeer } from './require-peer.mjs'

/** Tracing and the probe for a local debugger off: neither is part of tracking an event. */
export function open({ address, batchSize, isPaused }) {
  const { Raindrop } = requirePeer('raindrop-ai')
  const raindrop = new Raindrop({
    writeKey: 'bench',
    endpoint: `${address}/v1/`,
    bufferSize: isPaused ? 1_000_000 : batchSize,
    bufferTimeout: isPaused ? 3_600_000 : undefined,
    useExternalOtel: true,
    localWorkshopUrl: false,
  })
  return {
    shape: (event) => event,
    track: (event) => raindrop.trackAi(event),
    flush: () => raindrop.flush(),
  }
}

/** This SDK, as an app gets it: the built package by its name. */
export async function open({ address, batchSize, isPaused, maxQueueSize }) {
  const { Raindrop } = await import('raindrop-js')
  const raindrop = new Raindrop({
    writeKey: 'bench',
    endpoint: `${address}/v1/`,
    maxQueueSize,
    uploadSize: isPaused ? 1_000_000 : batchSize,
    uploadIntervalMs: isPaused ? 3_600_000 : undefined,
    onError: () => undefined,
  })
  return {
    shape: (event) => event,
    track: (event) => raindrop.trackAi(event),
    flush: () => raindrop.flush({ timeoutMs: 60_000 }),
    stats: () => raindrop.stats(),
  }
}

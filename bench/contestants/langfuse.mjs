import { requirePeer } from './require-peer.mjs'

/**
 * A trace with input and output is one record; a generation would be two. Its storage writes the whole queue with each event, so a long
 * queue would only hurt it: paused means its default of 15 here.
 */
export function open({ address, batchSize, isPaused }) {
  const { Langfuse } = requirePeer('langfuse')
  const langfuse = new Langfuse({
    publicKey: 'bench',
    secretKey: 'bench',
    baseUrl: address,
    flushAt: isPaused ? undefined : batchSize,
  })
  return {
    shape: ({ event, userId, convoId, input, output, model, properties }) => ({
      name: event,
      userId,
      sessionId: convoId,
      input,
      output,
      metadata: { ...properties, model },
    }),
    track: (trace) => langfuse.trace(trace),
    flush: () => langfuse.flushAsync(),
  }
}

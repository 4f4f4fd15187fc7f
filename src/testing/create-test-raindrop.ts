import { Raindrop, type RaindropOptions } from 'raindrop-js'
import { createTestTransport, type TestTransport } from './test-transport'

/** A real client whose requests go nowhere but here. */
export type TestRaindrop = Raindrop & Omit<TestTransport, 'fetch'>

/**
 * A client over an in-memory transport, for unit tests of apps: checks, queue, batching and retries are real, nothing
 * touches network or disk. What it sends is judged as a strict ingest would, and accepted unless you say otherwise.
 *
 * @example
 * const raindrop = createTestRaindrop()
 * await answerQuestion(raindrop, 'Why is the sky blue?')
 * await raindrop.flush()
 * expect(raindrop.requests[0]?.body[0].ai_data.input).toBe('Why is the sky blue?')
 */
export function createTestRaindrop(options: RaindropOptions = {}): TestRaindrop {
  const { fetch, ...controls } = createTestTransport({ relay: options.relay })
  const raindrop = new Raindrop({
    // Through a relay no key is needed, and giving one could hide that.
    ...(options.relay === undefined ? { writeKey: 'test' } : {}),
    storage: 'memory',
    localDebugger: false,
    ...options,
    fetch,
  })
  return Object.assign(raindrop, controls)
}

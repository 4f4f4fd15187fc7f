import type { Raindrop } from 'raindrop-js'
import { RaindropError } from '../core/errors.js'
import { FORWARDING } from '../core/forwarding.js'

/**
 * Schedules a flush with Next's `after()`, so that a server action, a route or a page answers first and still loses nothing. Call it within
 * the request. Elsewhere, and without Next, it flushes at once and says so through `onError`.
 * @example
 * const interaction = raindrop.begin({ event: 'chat_message', userId, input })
 * flushAfter(raindrop)
 */
export function flushAfter(raindrop: Raindrop): void {
  void schedule(raindrop)
}

async function schedule(raindrop: Raindrop): Promise<void> {
  try {
    // Not at the top: the entry is importable without next. With the extension, since next has no exports map.
    const { after } = await import('next/server.js')
    after(() => raindrop.flush())
  } catch (cause) {
    const message =
      'flushAfter: Next has no after() here. Call it within a request of Next 15.1 or newer; what was tracked is sent now instead.'
    raindrop[FORWARDING]?.tell(new RaindropError('invalid_options', message, cause))
    await raindrop.flush()
  }
}

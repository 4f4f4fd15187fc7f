import type { Answer, Clock, Farewell, WireRequest } from '../core/ports.js'

/** The ways out of a page that goes away, in the order in which they are tried: first the one that answers. */
const ORDER: ReadonlyArray<'keepalive' | 'beacon'> = ['keepalive', 'beacon']

/** Browsers allow 64 KiB for all keepalive requests of a page together; the host page may want some. */
const BUDGET_BYTES = 60_000
const MOST_REQUESTS = 6

export interface FarewellOptions {
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch | undefined
  /** A beacon carries no Authorization header. */
  readonly beacons: boolean
}

export function createFarewell({ clock, fetch, beacons }: FarewellOptions): Farewell {
  const encoder = new TextEncoder()
  let bytes = 0
  let requests = 0

  function beacon({ url, body }: WireRequest): 'unanswered' | undefined {
    try {
      // A string is sent as text/plain, as the relay wants it: no preflight.
      return beacons && navigator.sendBeacon(url, body) ? 'unanswered' : undefined
    } catch {
      return undefined
    }
  }

  async function answer(request: WireRequest, signal: AbortSignal): Promise<Answer> {
    const { url, headers, body } = request
    const init = { method: 'POST', headers, body, keepalive: true, redirect: 'manual', signal } as const
    const response = await (fetch ?? globalThis.fetch)(url, init)
    // To its end: Chromium gives back the share of a response only when its body was read.
    const text = await response.text()
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text }
  }

  function keepalive(request: WireRequest, timeoutMs: number): Promise<Answer | 'unanswered'> | undefined {
    const size = encoder.encode(request.body).byteLength
    if (!('keepalive' in Request.prototype) || requests >= MOST_REQUESTS || bytes + size > BUDGET_BYTES)
      return undefined
    requests++
    bytes += size
    const controller = new AbortController()
    const cancel = clock.after(timeoutMs, () => controller.abort())
    return answer(request, controller.signal)
      .catch((cause: unknown): Answer | 'unanswered' => {
        if (controller.signal.aborted) return { failure: 'timeout', cause }
        // The host page may have used up what the browser allows.
        return beacon(request) ?? { failure: 'network', cause }
      })
      .finally(() => {
        cancel()
        requests--
        bytes -= size
      })
  }

  return {
    room: () => (beacons ? Number.POSITIVE_INFINITY : requests < MOST_REQUESTS ? BUDGET_BYTES - bytes : 0),
    send(request, timeoutMs, first) {
      for (const way of ORDER) {
        // Where beacons can follow, one request is enough that answers: the rest of what the browser allows is left to the page.
        const isWanted = way === 'beacon' || first || !beacons
        const sent = isWanted && (way === 'beacon' ? beacon(request) : keepalive(request, timeoutMs))
        if (sent) return sent
      }
      return undefined
    },
  }
}

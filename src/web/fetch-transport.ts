import type { Answer, Clock, Transport, WireRequest } from '../core/ports.js'

export interface FetchTransportOptions {
  readonly clock: Clock
  /** Undefined: the runtime's own, looked up at each request, so that a test or a tracer may replace it. */
  readonly fetch: typeof globalThis.fetch | undefined
  /** Where the runtime can. Bodies that the receiver takes gzipped and that are worth it are packed. */
  readonly gzip?: (text: string) => Promise<Uint8Array<ArrayBuffer>>
}

/** Below this gzip saves less than it costs. */
const GZIP_FROM_CHARS = 2_048

/** Requests by `fetch`. A deadline covers headers and body, also where an injected fetch ignores the abort. */
export function createFetchTransport({ clock, fetch, gzip }: FetchTransportOptions): Transport {
  const underWay = new Set<() => void>()

  async function answer(request: WireRequest, signal: AbortSignal): Promise<Answer> {
    const packed = request.gzip && gzip !== undefined && request.body.length >= GZIP_FROM_CHARS
    const response = await (fetch ?? globalThis.fetch)(packed ? withGzipMark(request.url) : request.url, {
      method: 'POST',
      headers: request.headers,
      body: packed ? await gzip(request.body) : request.body,
      // A redirect would carry the key to another place.
      redirect: 'manual',
      signal,
    })
    // To its end, also when nobody wants it: a body left unread keeps its connection, and in Chromium its share of keepalive.
    const text = await response.text()
    // Which redirect it was, a browser does not say.
    const status = response.type === 'opaqueredirect' ? 302 : response.status
    return { status, retryAfter: response.headers.get('retry-after'), text }
  }

  return {
    send(request, timeoutMs) {
      const controller = new AbortController()
      return new Promise<Answer>((resolve) => {
        const end = (result: Answer): void => {
          cancel()
          underWay.delete(abort)
          resolve(result)
        }
        const stop = (failure: 'network' | 'timeout', message: string): void => {
          end({ failure, cause: new Error(message) })
          controller.abort()
        }
        const abort = (): void => stop('network', 'aborted')
        const cancel = clock.after(timeoutMs, () => stop('timeout', `no answer within ${timeoutMs} ms`), true)
        underWay.add(abort)
        // The async function turns what a fetch throws synchronously into a rejection.
        answer(request, controller.signal).then(end, (cause: unknown) => end({ failure: 'network', cause }))
      })
    },
    abort() {
      for (const abort of underWay) abort()
    },
  }
}

function withGzipMark(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}z=1`
}

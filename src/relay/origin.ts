import { RaindropError } from '../core/errors.js'

/** Whether the page that asks may, and what it may read of the answer. */
interface OriginVerdict {
  readonly ok: boolean
  readonly headers: Readonly<Record<string, string>>
}

/** As browsers write it: scheme, host and port, nothing else. */
function readOrigin(origin: unknown): string {
  try {
    const url = new URL(String(origin))
    if (url.origin !== 'null' && url.origin === String(origin).replace(/\/$/, '')) return url.origin
  } catch {
    // Told below.
  }
  throw new RaindropError(
    'invalid_options',
    `createRelay: allowedOrigins must be origins such as "https://app.example.com", got "${String(origin)}". There is no wildcard.`,
  )
}

/** Behind a proxy the URL is that of the inside: what the visitor typed stands in a header, which a page of another origin cannot set. */
function ownHosts(request: Request): readonly (string | null | undefined)[] {
  const { headers, url } = request
  return [new URL(url).host, headers.get('host'), headers.get('x-forwarded-host')?.split(',')[0]?.trim()]
}

function isSameOrigin(request: Request, origin: string): boolean {
  let page: URL
  try {
    page = new URL(origin)
  } catch {
    return false
  }
  const isSecure =
    request.url.startsWith('https:') || request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https'
  return (
    ownHosts(request).includes(page.host) && (page.protocol === 'https:' || (page.protocol === 'http:' && !isSecure))
  )
}

/** Default: pages of the relay's own origin only. A request that no page made has no origin, and can be made by anyone anyway. */
export function createOriginCheck(allowedOrigins: readonly string[] = []): (request: Request) => OriginVerdict {
  const allowed = new Set(allowedOrigins.map(readOrigin))
  return (request): OriginVerdict => {
    const origin = request.headers.get('origin')
    if (origin === null) {
      const site = request.headers.get('sec-fetch-site')
      return { ok: site === null || site === 'same-origin' || site === 'none', headers: {} }
    }
    if (!allowed.has(origin)) return { ok: isSameOrigin(request, origin), headers: { vary: 'origin' } }
    return {
      ok: true,
      headers: {
        vary: 'origin',
        'access-control-allow-origin': origin,
        // `authorize` may look at a cookie.
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'retry-after',
      },
    }
  }
}

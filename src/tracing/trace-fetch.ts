import type { Interaction } from '../core/types.js'

/** Options of {@link traceFetch}. */
export interface TraceFetchOptions {
  /** Default: the runtime's own, looked up at each call. */
  fetch?: typeof globalThis.fetch
  /** The only origin that gets the headers, e.g. `https://app.example`. Default: the page's; without a page none. */
  origin?: string
}

/**
 * A fetch that hands the interaction on: requests to the same origin carry `interaction.toHeaders()`, others go out as they are. Nothing
 * is patched; only calls of the returned function are affected. Headers that the call sets itself win. No redirect is followed with these
 * headers: a GET or HEAD is asked again without them, any other method gets the redirect as its answer. A call that sets `redirect` itself
 * decides.
 * @example
 * const tracedFetch = traceFetch(interaction)
 * const answer = await tracedFetch('/api/answer', { method: 'POST', body: question })
 */
export function traceFetch(
  interaction: Pick<Interaction, 'toHeaders'> | (() => Pick<Interaction, 'toHeaders'> | undefined),
  options: TraceFetchOptions = {},
): typeof globalThis.fetch {
  return async (input, init) => {
    const { fetch = globalThis.fetch, origin = pageOrigin() } = options
    const current = typeof interaction === 'function' ? interaction() : interaction
    const request = typeof input === 'object' && 'url' in input ? input : undefined
    if (!current || !isSameOrigin(request?.url ?? String(input), origin)) return await fetch(input, init)
    const headers = new Headers(init?.headers ?? request?.headers)
    for (const [name, value] of Object.entries(current.toHeaders())) if (!headers.has(name)) headers.set(name, value)
    const redirect = init?.redirect ?? (request?.redirect === 'follow' ? undefined : request?.redirect)
    if (redirect) return await fetch(input, { ...init, headers })
    // A fetch that follows takes the headers along, wherever it is sent to.
    const answer = await fetch(input, { ...init, headers, redirect: 'manual' })
    if (!isRedirect(answer) || !/^(get|head)$/i.test(init?.method ?? request?.method ?? 'GET')) return answer
    answer.body?.cancel().catch(() => undefined)
    return await fetch(input, init)
  }
}

/** A browser hides what the redirect was. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status)
}

function pageOrigin(): string | undefined {
  return (globalThis as { location?: { origin?: string } }).location?.origin
}

function isSameOrigin(url: string, origin: string | undefined): boolean {
  if (origin === undefined) return false
  try {
    return new URL(url, origin).origin === new URL(origin).origin
  } catch {
    // What is no URL goes nowhere, with our headers or without.
    return false
  }
}

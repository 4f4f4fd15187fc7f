import { createRelay, type RelayOptions } from 'raindrop-js/relay'

/**
 * A relay as a route handler, for Node and edge routes.
 * @throws RaindropError `invalid_options`
 * @example
 * // app/api/raindrop/route.ts
 * export const { POST } = createRelayRoute({ raindrop, tokens })
 */
export function createRelayRoute(options: RelayOptions): { POST(request: Request): Promise<Response> } {
  return { POST: createRelay(options) }
}

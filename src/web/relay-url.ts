import { RaindropError } from '../core/errors.js'

/** A path means something on a page only: elsewhere there is no origin that it could belong to. */
export function requireAbsoluteRelay(relay: string | undefined): void {
  if (relay === undefined || /^https?:\/\//i.test(relay)) return
  throw new RaindropError(
    'invalid_options',
    `new Raindrop: relay "${relay}" is a path. Outside of a browser pass a URL, e.g. "https://example.com/api/raindrop".`,
  )
}

import type { RaindropOptions } from '../core/types.js'

/**
 * A relay given as a path belongs to the origin of a page. A module with such a client is evaluated on the server as well, when the page
 * is rendered there: that must break nothing, and send nothing, least of all with a key that happens to be in the environment.
 */
export function withReachableRelay(options: RaindropOptions): RaindropOptions {
  const { relay } = options
  if (!relay || /^https?:\/\//i.test(relay)) return options
  return { ...options, relay: undefined, writeKey: undefined }
}

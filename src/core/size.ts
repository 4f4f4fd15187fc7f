import { TRUNCATION_MARKER, truncateBody } from './truncate.js'
import type { WireBody } from './types.js'
import { fitsBytes, startOf } from './utf8.js'

export { TRUNCATION_MARKER } from './truncate.js'
export { fitsBytes, utf8Length } from './utf8.js'

/** Longest input or output, in UTF-16 units, marker included: the cap of the official SDKs (`maxTextFieldChars`). */
export const MAX_TEXT_CHARS = 1_000_000

/** Cuts at `max`, marker included, between code points. */
export function capText(text: string, max = MAX_TEXT_CHARS): string {
  if (text.length <= max) return text
  return startOf(text, Math.max(0, max - TRUNCATION_MARKER.length)) + TRUNCATION_MARKER
}

const NOTHING: readonly string[] = []

/**
 * Serialises once, and cuts texts only where the result takes more than `maxBytes` in UTF-8: longest properties (or traits, or span
 * attributes) first, then attachments, then input and output. `truncated` are the dotted paths of what was cut, at most 50; events and
 * signals carry them in `properties.$truncated`. `undefined` when it cannot fit.
 *
 * What comes out is at most 16 bytes shorter than it might have been. `body` must be plain JSON, and is changed in place.
 */
export function fitBody(body: WireBody, maxBytes: number): { json: string; truncated: readonly string[] } | undefined {
  const json = JSON.stringify(body)
  return fitsBytes(json, maxBytes) ? { json, truncated: NOTHING } : truncateBody(body, maxBytes)
}

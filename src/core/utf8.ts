/** UTF-8 bytes of a string. A lone surrogate counts 3: encoders write U+FFFD for it. */
export function utf8Length(text: string): number {
  const { length } = text
  let bytes = length
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    bytes += code < 0x800 ? 1 : 2
    // The two units of a pair are four bytes.
    if (code >= 0xd800 && isPair(text, i)) i++
  }
  return bytes
}

/** Whether the text takes at most `maxBytes` in UTF-8. Counts only where the number of UTF-16 units leaves it open. */
export function fitsBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false
  return text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes
}

/** Whether a surrogate pair starts at `index`. */
function isPair(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00
}

/** The first `end` units, or one less where that would cut a pair in half. */
export function startOf(text: string, end: number): string {
  return text.slice(0, isPair(text, end - 1) ? end - 1 : end)
}

/**
 * How far into `text` one gets with `maxBytes` of its JSON form (UTF-8, escapes counted, quotes around it not), between code points.
 * `end` is an index, `bytes` what is used up until there.
 */
export function measureJson(text: string, maxBytes = Infinity): { end: number; bytes: number } {
  let bytes = 0
  let end = 0
  while (end < text.length) {
    const units = isPair(text, end) ? 2 : 1
    const next = bytes + (units === 2 ? 4 : jsonBytes(text.charCodeAt(end)))
    if (next > maxBytes) break
    bytes = next
    end += units
  }
  return { end, bytes }
}

/** Bytes that JSON.stringify makes of one UTF-16 unit that is not part of a pair. */
function jsonBytes(code: number): number {
  if (code < 0x20) return SHORT_ESCAPES.has(code) ? 2 : 6
  if (code < 0x80) return code === 0x22 || code === 0x5c ? 2 : 1
  if (code < 0x800) return 2
  // Well-formed JSON.stringify (ES2019) writes \udXXX for a lone surrogate.
  return code >= 0xd800 && code <= 0xdfff ? 6 : 3
}

/** \b \t \n \f \r; every other control character is \u00XX. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13])

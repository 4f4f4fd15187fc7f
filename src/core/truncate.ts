import { createTruncationNote } from './truncation-note.js'
import type { WireBody } from './types.js'
import { fitsBytes, measureJson, utf8Length } from './utf8.js'

/** What a text that was cut ends with: the words of the official SDKs. */
export const TRUNCATION_MARKER = '...[truncated by raindrop]'

/** A string that may be cut, and where it is. */
interface Text {
  readonly holder: Record<string, unknown>
  readonly key: string
  readonly text: string
  readonly path: string
}

/** Cuts texts of a body that is over `maxBytes`, longest of the most dispensable first, and none further than needed. */
export function truncateBody(
  body: WireBody,
  maxBytes: number,
): { json: string; truncated: readonly string[] } | undefined {
  const note = createTruncationNote(body)
  let excess = utf8Length(JSON.stringify(body)) - maxBytes
  for (const find of GROUPS) {
    if (excess <= 0) break
    for (const { holder, key, text, path } of find(body).sort((a, b) => b.text.length - a.text.length)) {
      if (excess <= 0) break
      const cost = note.cost(path)
      const { cut, gain } = shorten(text, excess + cost)
      if (gain <= cost) continue
      holder[key] = cut
      note.add(path)
      excess -= gain - cost
    }
  }
  if (excess > 0) return undefined
  const json = JSON.stringify(body)
  return fitsBytes(json, maxBytes) ? { json, truncated: note.added } : undefined
}

/** `gain` is in bytes of JSON: `wanted` or a little more, less where the text is not that long. */
function shorten(text: string, wanted: number): { cut: string; gain: number } {
  // What was cut before (by capText, or in a record that was folded into this one) shall end in one marker, not in two.
  const source = text.endsWith(TRUNCATION_MARKER) ? text.slice(0, -TRUNCATION_MARKER.length) : text
  const before = measureJson(text).bytes
  const prefix = measureJson(source, before - wanted - TRUNCATION_MARKER.length)
  return {
    cut: source.slice(0, prefix.end) + TRUNCATION_MARKER,
    gain: before - prefix.bytes - TRUNCATION_MARKER.length,
  }
}

/** Most dispensable first. A body has properties, traits or spans; `$signal_id`, `$context` and the like are for the receiver. */
const GROUPS: ReadonlyArray<(body: WireBody) => Text[]> = [
  (body) => textsIn(body.properties, 'properties', (key) => !key.startsWith('$')),
  (body) => textsIn(body['traits'], 'traits'),
  (body) => textsIn(body['resourceSpans'], 'resourceSpans').filter(({ key }) => key === 'stringValue'),
  (body) => textsIn(body['attachments'], 'attachments').filter(({ path }) => /^attachments\.\d+\.value$/.test(path)),
  (body) => textsIn(body['ai_data'], 'ai_data').filter(({ path }) => /^ai_data\.(input|output)$/.test(path)),
]

const every = (): boolean => true

/** Strings at any depth that get shorter when they are cut. `mayCut` decides on the fields of the outermost object. */
function textsIn(holder: unknown, path: string, mayCut: (key: string) => boolean = every, found: Text[] = []): Text[] {
  if (typeof holder !== 'object' || holder === null) return found
  const fields = holder as Record<string, unknown>
  for (const key of Object.keys(fields).filter(mayCut)) {
    const value = fields[key]
    if (typeof value !== 'string') textsIn(value, `${path}.${key}`, every, found)
    else if (value.length > TRUNCATION_MARKER.length) {
      found.push({ holder: fields, key, text: value, path: `${path}.${key}` })
    }
  }
  return found
}

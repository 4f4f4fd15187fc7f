import type { Json, WireBody } from './types.js'
import { startOf, utf8Length } from './utf8.js'

/** Names in `$truncated` at most, and characters of one: the list shall not crowd out what it names. */
const MAX_NAMES = 50
const MAX_NAME_CHARS = 200

/** The names of what was cut, in `properties.$truncated` where the body may have properties. */
export interface TruncationNote {
  /** Bounded like `$truncated`. */
  readonly added: readonly string[]
  /** Bytes that `add` would add to the body, at most. */
  cost(path: string): number
  add(path: string): void
}

/** Keeps the names of earlier cuts (partials are folded, and measured again), and nothing else under `$truncated`: the name is reserved. */
export function createTruncationNote(body: WireBody): TruncationNote {
  const added: string[] = []
  const keep = (path: string) => {
    if (added.length < MAX_NAMES) added.push(boundName(path))
  }
  // OTLP and users/identify are strict about their fields.
  const isNamed = !body['resourceSpans'] && !body['traits'] && typeof (body.properties ?? {}) === 'object'
  if (!isNamed) return { added, cost: () => 0, add: keep }

  const names = earlierNames(body)
  const isListed = (name: string) => names.length >= MAX_NAMES || names.includes(name)
  return {
    added,
    cost(path) {
      const name = boundName(path)
      if (isListed(name)) return 0
      const wrapper = names.length > 0 ? ',' : body.properties ? '"$truncated":[],' : '"properties":{"$truncated":[]},'
      return wrapper.length + utf8Length(JSON.stringify(name))
    },
    add(path) {
      keep(path)
      const name = boundName(path)
      if (isListed(name)) return
      names.push(name)
      body.properties ??= {}
      body.properties['$truncated'] = names
    },
  }
}

function earlierNames({ properties }: WireBody): Json[] & string[] {
  const earlier = properties?.['$truncated']
  if (!properties || earlier === undefined) return []
  delete properties['$truncated']
  if (!Array.isArray(earlier)) return []
  const names = earlier
    .filter((name) => typeof name === 'string')
    .slice(0, MAX_NAMES)
    .map(boundName)
  if (names.length > 0) properties['$truncated'] = names
  return names
}

function boundName(path: string): string {
  return path.length <= MAX_NAME_CHARS ? path : `${startOf(path, MAX_NAME_CHARS - 1)}…`
}

const maxDepth = 64

/**
 * JSON as Postgres can hold it: `jsonb` refuses U+0000 and lone surrogates, and very deep nesting exhausts its stack. One character
 * of a text is worth less than the event it came in.
 */
export function storable<T>(value: T): T {
  return convert(value, 0) as T
}

function convert(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '[Depth]'
  if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), convert(item, depth + 1)]))
}

/** With the `u` flag a surrogate pair is one code point, so only lone ones match. */
const storableText = (text: string) => text.replaceAll(/\p{Surrogate}|\u0000/gu, '\uFFFD')

import { createHash } from 'node:crypto'
import type { IngestRecord } from 'raindrop-js/testing'

const maxDepth = 64
/** A key in an index of Postgres may have some 2,700 bytes. */
const maxIdBytes = 512

/** A record as the tables take it. An id of any length stays an id: the same one always becomes the same one. */
export function storableRecord(record: IngestRecord): IngestRecord {
  const body = storable(record.body)
  if (typeof body.event_id === 'string') body.event_id = storableId(body.event_id)
  return { ...record, id: storableId(storableText(record.id)), body }
}

function storableId(id: string): string {
  if (Buffer.byteLength(id) <= maxIdBytes) return id
  return `${storableText(id.slice(0, 100))}…${createHash('sha256').update(id).digest('hex')}`
}

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

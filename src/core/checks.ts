import { RaindropError } from './errors.js'
import { capText } from './size.js'
import type { Attachment, Json, Sentiment } from './types.js'
import { toJson, toWellFormed, type Tally } from './values.js'

// What a caller passes is unknown until it is looked at: JavaScript callers, form data, model output.

/** A wrong call: what failed, then what to do. */
export function wrongCall(call: string, message: string): RaindropError {
  return new RaindropError('invalid_event', `${call}: ${message}`)
}

/** What was passed as an object of named fields. */
export function readObject(call: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw wrongCall(call, `expected an object, got ${value === null ? 'null' : typeof value}.`)
}

/** Text of a model or a user. What is no text is converted, since it is worth more than an error. */
export function readText(value: unknown, tally: Tally): string | undefined {
  if (value === undefined || value === null) return undefined
  const json = typeof value === 'string' ? toWellFormed(value) : (toJson(value) ?? null)
  const text = typeof json === 'string' ? json : JSON.stringify(json)
  tally.chars += text.length
  return capText(text)
}

/** Ids and names: a non-empty string, or a number as a database gives it. */
export function readName(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : toWellFormed(value)
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?$/i

/** Milliseconds since 1970. */
export function readTimestamp(call: string, value: unknown, now: number): number {
  if (value === undefined || value === null) return now
  const time =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'string' && ISO_8601.test(value)
        ? Date.parse(value)
        : Number.NaN
  if (Number.isNaN(time))
    throw wrongCall(call, 'timestamp is neither a valid Date nor ISO 8601. Pass new Date(), or "2026-01-31T12:00:00Z".')
  return time
}

/** Properties or traits as a snapshot. What is no object is kept under `value`. */
export function readProperties(value: unknown, tally: Tally): Record<string, Json> | undefined {
  if (value === undefined || value === null) return undefined
  const json = toJson(value, tally)
  if (json === undefined) return undefined
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : { value: json }
}

const TYPES: readonly unknown[] = ['code', 'text', 'image', 'iframe']
const ROLES: readonly unknown[] = ['input', 'output']

/** A field whose getter may throw: then what it threw, which is more than nothing. */
export function readField(fields: Record<string, unknown>, name: string): unknown {
  try {
    return fields[name]
  } catch (error) {
    const threw = toJson({
      get value(): never {
        throw error
      },
    }) as { value: string }
    return threw.value
  }
}

/** A snapshot of the attachments. One that is half right is mended and told of: an attachment is worth more than its label. */
export function readAttachments(
  call: string,
  value: unknown,
  tally: Tally,
  onMended: (error: RaindropError) => void,
): Attachment[] | undefined {
  if (value === undefined || value === null) return undefined
  // Converted as a whole, so that what throws in one of them costs neither the others nor the event.
  const items = toJson(value)
  if (!Array.isArray(items)) {
    onMended(wrongCall(call, 'attachments is no array and was left out. Pass attachments: [{ type, role, value }].'))
    return undefined
  }
  const attachments: Attachment[] = []
  items.forEach((item, index) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      return onMended(
        wrongCall(call, `attachments[${index}] is no object and was left out. Pass { type, role, value }.`),
      )
    }
    const { type, role, value: content, name, language, attachmentId } = item
    if (!TYPES.includes(type)) {
      onMended(wrongCall(call, `attachments[${index}].type must be code, text, image or iframe; sent as text.`))
    }
    if (!ROLES.includes(role)) {
      onMended(wrongCall(call, `attachments[${index}].role must be input or output; sent as output.`))
    }
    attachments.push({
      type: TYPES.includes(type) ? (type as Attachment['type']) : 'text',
      role: ROLES.includes(role) ? (role as Attachment['role']) : 'output',
      value: readText(content, tally) ?? '',
      name: readText(name, tally),
      language: readText(language, tally),
      attachmentId: readName(attachmentId),
    })
  })
  return attachments
}

/** POSITIVE or NEGATIVE, in whatever case. */
export function readSentiment(call: string, value: unknown): Sentiment | undefined {
  if (value === undefined || value === null) return undefined
  const sentiment = typeof value === 'string' ? value.toUpperCase() : value
  if (sentiment === 'POSITIVE' || sentiment === 'NEGATIVE') return sentiment
  throw wrongCall(call, 'sentiment must be "POSITIVE" or "NEGATIVE".')
}

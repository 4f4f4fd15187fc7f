import { MAX_TEXT_CHARS } from '../core/size.js'
import { toWellFormed } from '../core/values.js'
import { isObject, type RejectReason } from './record.js'

/** Judges a value: nothing, or the first thing that is wrong. Written by hand: a schema library would be larger than all of it. */
export type Shape = (value: unknown) => RejectReason | undefined

/** Longest id, name or key. */
const MAX_NAME_CHARS = 256
/** Deepest nesting of user data: clients cut at 12. */
const MAX_DEPTH = 16
const CONTROL = /\p{Cc}/u
/** Control and format characters, line separators, what is unassigned: invisible, or able to reorder what stands around them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}]/u
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

export const text: Shape = (value) => {
  if (typeof value !== 'string') return 'malformed'
  if (value.length > MAX_TEXT_CHARS) return 'too_large'
  return toWellFormed(value) === value ? undefined : 'malformed'
}

/** A name that people read: not empty, no control characters. */
export const label: Shape = (value) => {
  if (typeof value !== 'string' || value.trim() === '') return 'malformed'
  if (value.length > MAX_NAME_CHARS) return 'too_large'
  return text(value) ?? (CONTROL.test(value) ? 'malformed' : undefined)
}

/** An id that is compared: one spelling only, and nothing in it that cannot be seen. */
export const identifier: Shape = (value) =>
  label(value) ?? (UNSEEN.test(String(value)) || String(value).normalize('NFC') !== value ? 'malformed' : undefined)

export const time: Shape = (value) =>
  typeof value === 'string' && ISO_8601.test(value) && !Number.isNaN(Date.parse(value)) ? undefined : 'malformed'

export const boolean: Shape = (value) => (typeof value === 'boolean' ? undefined : 'malformed')

export const oneOf =
  (values: readonly unknown[]): Shape =>
  (value) =>
    values.includes(value) ? undefined : 'malformed'

/** As the protocol has it: null is as good as absent. */
export const nullable =
  (shape: Shape): Shape =>
  (value) =>
    value === null ? undefined : shape(value)

export const list =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) ? firstOf(value, shape) : 'malformed'

/** An object with these fields and no others. */
export function fields(shapes: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (value) => {
    if (!isObject(value)) return 'malformed'
    const fault = firstOf(Object.keys(value), (key) =>
      // Own only: `constructor` and `__proto__` are no fields of anybody.
      Object.hasOwn(shapes, key) ? shapes[key]!(value[key]) : 'unknown_field',
    )
    return fault ?? (required.every((key) => Object.hasOwn(value, key)) ? undefined : 'malformed')
  }
}

/** What only the SDK itself puts into properties. */
const OWN_PROPERTIES: Readonly<Record<string, Shape>> = {
  $signal_id: identifier,
  // Paths, which hold what users call their fields.
  $truncated: list(text),
  $context: fields({
    library: fields({ name: label, version: label }),
    metadata: (value) => (isObject(value) ? firstOf(Object.values(value), label) : 'malformed'),
  }),
}

/** User data with the names that users may give. */
export const properties: Shape = (value) => {
  if (!isObject(value)) return 'malformed'
  return firstOf(Object.keys(value), (key) => {
    if (!key.startsWith('$')) return userKey(key) ?? userData(value[key], 1)
    return Object.hasOwn(OWN_PROPERTIES, key) ? OWN_PROPERTIES[key]!(value[key]) : 'reserved_property'
  })
}

/** The same without any name of the SDK. */
export const traits: Shape = (value) => {
  if (!isObject(value)) return 'malformed'
  return firstOf(Object.keys(value), (key) =>
    key.startsWith('$') ? 'reserved_property' : (userKey(key) ?? userData(value[key], 1)),
  )
}

function userKey(key: string): RejectReason | undefined {
  return key.length > MAX_NAME_CHARS ? 'too_large' : text(key)
}

/** Depth first: what is nested deeper would overflow the stack of whatever walks it next. */
function userData(value: unknown, depth: number): RejectReason | undefined {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_DEPTH) return 'malformed'
  if (Array.isArray(value)) return firstOf(value, (item) => userData(item, depth + 1))
  return firstOf(Object.entries(value), ([key, item]) => userKey(key) ?? userData(item, depth + 1))
}

function firstOf<T>(items: readonly T[], fault: (item: T) => RejectReason | undefined): RejectReason | undefined {
  for (const item of items) {
    const found = fault(item)
    if (found) return found
  }
  return undefined
}

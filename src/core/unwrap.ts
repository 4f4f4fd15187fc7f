/**
 * The plain form of an object of a built-in class, from this realm or another: a primitive, an array, or a record without prototype, whose
 * items are still to be converted. `value` itself where it is of no such class. Never throws.
 *
 * @param limit entries of a Map or Set that are taken at most
 * @param nameKey the field name for a Map's key that is an object
 */
export function unwrap(value: object, limit: number, nameKey: (key: object) => string): unknown {
  try {
    const tag = Object.prototype.toString.call(value)
    if (tag === '[object Object]') return value
    return (BY_TAG[tag] ?? byPrototype(value))(value as never, limit, nameKey)
  } catch {
    // The tag lied (Symbol.toStringTag, Object.create(Map.prototype), a Proxy): the built-in's own method refused the object.
    return value
  }
}

type Unwrap = (value: never, limit: number, nameKey: (key: object) => string) => unknown

// Methods are taken from the prototypes: they work on every realm's objects, and a subclass cannot have changed them.
const binary: Unwrap = (value: { byteLength: number }) => `[binary ${value.byteLength} bytes]`
const regExp: Unwrap = (value) => RegExp.prototype.toString.call(value)
const set: Unwrap = (value, limit) => take(Set.prototype.values.call(value), limit)

const map: Unwrap = (value, limit, nameKey) => {
  const entries = take(Map.prototype.entries.call(value) as IterableIterator<[unknown, unknown]>, limit)
  return record(entries.map(([key, item]) => [typeof key === 'object' && key ? nameKey(key) : String(key), item]))
}

const date: Unwrap = (value) => {
  const time = Date.prototype.getTime.call(value)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

const error: Unwrap = (value: Error) =>
  record((['name', 'message', 'stack'] as const).map((key) => [key, read(value, key)]))

const BY_TAG: Readonly<Record<string, Unwrap | undefined>> = Object.assign(Object.create(null) as object, {
  '[object Date]': date,
  '[object Error]': error,
  '[object DOMException]': error,
  '[object Map]': map,
  '[object Set]': set,
  '[object RegExp]': regExp,
  '[object URL]': (value: { href: unknown }) => String(value.href),
  '[object ArrayBuffer]': binary,
  '[object SharedArrayBuffer]': binary,
  '[object Number]': (value: never) => Number.prototype.valueOf.call(value),
  '[object String]': (value: never) => String.prototype.valueOf.call(value),
  '[object Boolean]': (value: never) => Boolean.prototype.valueOf.call(value),
  '[object BigInt]': (value: never) => BigInt.prototype.valueOf.call(value),
  '[object Symbol]': (value: never) => Symbol.prototype.valueOf.call(value),
})

const itself: Unwrap = (value) => value

/** For subclasses that name themselves by Symbol.toStringTag, and for typed arrays, whose tags are many. */
function byPrototype(value: object): Unwrap {
  if (ArrayBuffer.isView(value)) return binary
  if (value instanceof Error) return error
  if (value instanceof Map) return map
  if (value instanceof Set) return set
  if (value instanceof Date) return date
  return value instanceof RegExp ? regExp : itself
}

function take<T>(items: IterableIterator<T>, limit: number): T[] {
  const taken: T[] = []
  for (const item of items) {
    // One over the limit, so that the cut is seen.
    if (taken.push(item) > limit) break
  }
  return taken
}

function record(entries: ReadonlyArray<readonly [string, unknown]>): object {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, value] of entries) fields[key] = value
  return fields
}

/** A property whose getter may throw. */
export function read(source: object, key: PropertyKey): unknown {
  try {
    return (source as Record<PropertyKey, unknown>)[key]
  } catch (error) {
    return describeThrown(error)
  }
}

/** `[Threw: message]`, whatever was thrown: its message, or it as a string, may throw again. */
export function describeThrown(thrown: unknown): string {
  try {
    const message: unknown = typeof thrown === 'object' && thrown && 'message' in thrown ? thrown.message : thrown
    return `[Threw: ${String(message)}]`
  } catch {
    return '[Threw: unknown]'
  }
}

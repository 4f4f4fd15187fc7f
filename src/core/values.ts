import type { Json } from './types.js'
import { describeThrown, read, unwrap } from './unwrap.js'

/** How much a snapshot holds, for bounds in memory: string characters, names of fields included, plus a few per value. */
export interface Tally {
  chars: number
}

/** Objects and arrays deeper than this inside the value passed, which is at depth 0, become `[Depth]`. */
export const MAX_DEPTH = 12

/**
 * Values visited at most: 1 MiB of JSON, the most that an event may have, holds no more at two bytes each (`0,`). What comes after is left
 * out of objects, and is one `[Truncated]` at the end of arrays. It bounds what a generated, lazy or sparse structure can cost.
 */
export const MAX_VALUES = 524_288

/** What a value counts beside its characters: its slot. */
const CHARS_PER_VALUE = 8

/** One conversion under way. */
interface Walk {
  /** Objects inside which the walk is, outermost first; those from `height` on are leftovers. */
  readonly ancestors: object[]
  height: number
  valuesLeft: number
  chars: number
  /** Somebody gave Object.prototype enumerable fields. */
  readonly isPolluted: boolean
}

/**
 * Converts anything into JSON and takes the snapshot, in one pass: nothing mutable in the result is shared with `value`. `undefined` where
 * there is nothing to keep (undefined, function, symbol). Never throws.
 */
export function toJson(value: unknown, tally?: Tally): Json | undefined {
  const walk: Walk = {
    ancestors: [],
    height: 0,
    valuesLeft: MAX_VALUES,
    chars: 0,
    isPolluted: hasFields(Object.prototype),
  }
  let json: Json | undefined
  try {
    json = convert(value, 0, walk)
  } catch {
    // Only where the caller's stack is nearly exhausted; no room left to say more.
    json = '[Threw: unknown]'
  }
  if (tally) tally.chars += walk.chars + (MAX_VALUES - walk.valuesLeft) * CHARS_PER_VALUE
  return json
}

function hasFields(value: object): boolean {
  for (const _ in value) return true
  return false
}

/** One value of any kind; plain ones first, because nearly all are. */
function convert(value: unknown, depth: number, walk: Walk): Json | undefined {
  walk.valuesLeft--
  switch (typeof value) {
    case 'string':
      walk.chars += value.length
      return toWellFormed(value)
    case 'number':
      // + 0 makes 0 of -0.
      return Number.isFinite(value) ? value + 0 : null
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : convertObject(value, depth, walk, true)
    case 'bigint':
      return value.toString()
    default:
      return undefined
  }
}

function convertObject(value: object, depth: number, walk: Walk, callsToJson: boolean): Json | undefined {
  const { ancestors, height } = walk
  for (let i = 0; i < height; i++) if (ancestors[i] === value) return '[Circular]'
  ancestors[height] = value
  walk.height = height + 1
  let json: Json | undefined
  try {
    json = convertByKind(value, depth, walk, callsToJson)
  } catch (error) {
    json = convert(describeThrown(error), depth, walk)
  }
  walk.height = height
  return json
}

/** Throws what a Proxy, a getter or `toJSON` throws; isArray and getPrototypeOf do on a revoked Proxy. */
function convertByKind(value: object, depth: number, walk: Walk, callsToJson: boolean): Json | undefined {
  if (Array.isArray(value)) return convertArray(value, depth, walk)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return convertPlain(value, depth, walk, callsToJson)
  const plain = unwrap(value, walk.valuesLeft, (key) => nameKey(key, depth, walk))
  if (plain === value) return convertInstance(value, depth, walk, callsToJson)
  if (typeof plain !== 'object' || plain === null) return convert(plain, depth, walk)
  return Array.isArray(plain) ? convertArray(plain, depth, walk) : convertFields(plain, depth, walk)
}

function convertArray(source: readonly unknown[], depth: number, walk: Walk): Json {
  if (depth > MAX_DEPTH) return '[Depth]'
  const items: Json[] = []
  const { length } = source
  for (let i = 0; i < length; i++) {
    if (walk.valuesLeft <= 0) {
      items.push('[Truncated]')
      break
    }
    let item: unknown
    try {
      item = source[i]
    } catch (error) {
      item = describeThrown(error)
    }
    const json = convert(item, depth + 1, walk)
    items.push(json === undefined ? null : json)
  }
  return items
}

/** For-in takes the names from the shape, where Object.keys makes an array of them each time: a fifth of the time of all. */
function convertPlain(source: object, depth: number, walk: Walk, callsToJson: boolean): Json | undefined {
  if (depth > MAX_DEPTH) return '[Depth]'
  const fields: Record<string, Json> = {}
  for (const key in source) {
    if (walk.valuesLeft <= 0) break
    if (walk.isPolluted && !Object.hasOwn(source, key)) continue
    // Seen in passing: looking it up in each plain object would cost every event.
    if (key === 'toJSON' && callsToJson) {
      const toJSON = read(source, key)
      if (typeof toJSON === 'function') return convertByToJson(source, toJSON, depth, walk)
    }
    convertField(fields, source, key, depth, walk)
  }
  return fields
}

/** Own fields only: what a prototype holds is not the instance's. */
function convertFields(source: object, depth: number, walk: Walk): Json {
  if (depth > MAX_DEPTH) return '[Depth]'
  const fields: Record<string, Json> = {}
  for (const key of Object.keys(source)) {
    if (walk.valuesLeft <= 0) break
    convertField(fields, source, key, depth, walk)
  }
  return fields
}

function convertField(fields: Record<string, Json>, source: object, key: string, depth: number, walk: Walk): void {
  let value: unknown
  try {
    value = (source as Record<string, unknown>)[key]
  } catch (error) {
    value = describeThrown(error)
  }
  const json = convert(value, depth + 1, walk)
  if (json === undefined) return
  walk.chars += key.length
  const name = toWellFormed(key)
  if (name !== '__proto__') fields[name] = json
  // An assignment would set the prototype.
  else Object.defineProperty(fields, name, { value: json, enumerable: true, configurable: true, writable: true })
}

function convertInstance(value: object, depth: number, walk: Walk, callsToJson: boolean): Json | undefined {
  const toJSON: unknown = callsToJson ? (value as { toJSON?: unknown }).toJSON : undefined
  return typeof toJSON === 'function' ? convertByToJson(value, toJSON, depth, walk) : convertFields(value, depth, walk)
}

/** As in JSON.stringify, the `toJSON` of what `toJSON` returned is not called: it could go on for ever. */
function convertByToJson(source: object, toJSON: unknown, depth: number, walk: Walk): Json | undefined {
  if (depth > MAX_DEPTH) return '[Depth]'
  const result: unknown = (toJSON as (this: object, key: string) => unknown).call(source, '')
  if (typeof result !== 'object' || result === null) return convert(result, depth, walk)
  return result === source ? convertByKind(source, depth, walk, false) : convertObject(result, depth, walk, false)
}

function nameKey(key: object, depth: number, walk: Walk): string {
  const json = convert(key, depth + 1, walk)
  return typeof json === 'string' ? json : String(JSON.stringify(json))
}

/** ES2024: newer than our target's types. */
interface WellFormedString {
  toWellFormed(): string
}

const isNative = 'toWellFormed' in String.prototype
/** With the `u` flag, half of a pair does not match. */
const LONE_SURROGATES = /[\uD800-\uDFFF]/gu

/** Replaces lone surrogates, which UTF-8 cannot hold, by U+FFFD. Gives `text` itself where there are none. */
export function toWellFormed(text: string): string {
  return isNative ? (text as unknown as WellFormedString).toWellFormed() : text.replace(LONE_SURROGATES, '\uFFFD')
}

/** What an error says. Never throws, whatever was thrown. */
export function messageOf(error: unknown): string {
  const json = toJson(error)
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json['message'])
  return typeof json === 'string' ? json : JSON.stringify(json ?? null)
}

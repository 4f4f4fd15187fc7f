import { RaindropError } from './errors.js'
import type { RaindropOptions } from './types.js'

const ENDPOINT = 'https://api.raindrop.ai/v1/'
const MAX_EVENT_BYTES = 1_048_576
/** WIRE §1.1: what the API takes as a project. */
const PROJECT_SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** What an HTTP header can carry: a stray newline in an environment variable would otherwise fail every request. */
const HEADER_VALUE = /^[\x21-\x7e]+$/

/** Options that can change at run time, with their defaults filled in. */
export interface Settings {
  maxQueueSize: number
  uploadSize: number
  uploadIntervalMs: number
  partialDebounceMs: number
  enabled: boolean
  userId: string | undefined
  convoId: string | undefined
}

/** What stays as it was given. */
export interface Destination {
  /** Absent: nothing is sent. */
  readonly writeKey: string | undefined
  /** Ends in a slash. */
  readonly endpoint: string
  readonly relay: string | undefined
  readonly projectId: string | undefined
  readonly requestTimeoutMs: number
  readonly maxEventBytes: number
  /** Ends in a slash. */
  readonly localDebugger: string | undefined
}

function fail(message: string): never {
  throw new RaindropError('invalid_options', `new Raindrop: ${message}`)
}

/** What was passed as options. A key alone is the likeliest mistake. */
export function readOptions<T extends object>(options: T | null | undefined): T {
  if (options === null || options === undefined) return {} as T
  if (typeof options !== 'object') fail(`options must be an object, got ${typeof options}. Pass { writeKey: "…" }.`)
  return options
}

function url(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : ''
  let parsed: URL
  try {
    parsed = new URL(text)
  } catch {
    return fail(`${name} is not a URL. Pass one such as "${ENDPOINT}".`)
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') fail(`${name} must be an http or https URL.`)
  if (parsed.username || parsed.password) fail(`${name} holds a user or password, which fetch refuses. Take them out.`)
  return parsed.href.endsWith('/') ? parsed.href : `${parsed.href}/`
}

function wholeNumber(
  name: string,
  value: unknown,
  fallback: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (value === undefined || value === null) return fallback
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
    fail(`${name} must be a number ${range}, got ${typeof value === 'number' ? value : typeof value}.`)
  }
  return Math.floor(value)
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') fail(`${name} must be a string, got ${typeof value}.`)
  return value
}

/** Longest wait that timers take (2³¹ − 1 ms). */
const MAX_TIMER_MS = 2_147_483_647

const NUMBERS: ReadonlyArray<
  [name: 'maxQueueSize' | 'uploadSize' | 'uploadIntervalMs' | 'partialDebounceMs', min: number, max?: number]
> = [
  ['maxQueueSize', 1],
  ['uploadSize', 1],
  ['uploadIntervalMs', 0, MAX_TIMER_MS],
  ['partialDebounceMs', 0, MAX_TIMER_MS],
]

/** Takes over what `change` names and leaves the rest. Throws `invalid_options` before anything is changed. */
export function applySettings(settings: Settings, options: Partial<RaindropOptions>): void {
  const change = readOptions(options)
  const next: Settings = { ...settings }
  for (const [name, min, max] of NUMBERS) next[name] = wholeNumber(name, change[name], settings[name], min, max)
  if (change.enabled !== undefined && change.enabled !== null) {
    if (typeof change.enabled !== 'boolean') fail(`enabled must be true or false, got ${typeof change.enabled}.`)
    next.enabled = change.enabled
  }
  if ('userId' in change) next.userId = text('userId', change.userId)
  if ('convoId' in change) next.convoId = text('convoId', change.convoId)
  Object.assign(settings, next)
}

/** Milliseconds that a call may take: what is no such number is the default. */
export function readTimeout(timeoutMs: unknown, fallbackMs: number): number {
  return typeof timeoutMs === 'number' && timeoutMs >= 0 ? Math.min(timeoutMs, MAX_TIMER_MS) : fallbackMs
}

/** The defaults of the Python SDK, where it has them. */
export function createSettings(options: RaindropOptions, maxQueueSize: number): Settings {
  const settings: Settings = {
    maxQueueSize,
    uploadSize: 10,
    uploadIntervalMs: 1_000,
    partialDebounceMs: 1_000,
    enabled: true,
    userId: undefined,
    convoId: undefined,
  }
  applySettings(settings, options)
  return settings
}

/** Checks where to send and with what. The message never holds the key. */
export function createDestination(options: RaindropOptions): Destination {
  const writeKey = text('writeKey', options.writeKey)?.trim()
  if (writeKey && !HEADER_VALUE.test(writeKey))
    fail('writeKey holds characters that no HTTP header can carry. Copy it again.')
  const projectId = text('projectId', options.projectId)
  if (projectId !== undefined && !PROJECT_SLUG.test(projectId)) {
    fail(`projectId "${projectId}" is not a slug: 1 to 63 of a-z, 0-9 and inner hyphens.`)
  }
  for (const name of ['beforeSend', 'onDelivery', 'onError', 'fetch', 'generateId', 'waitUntil'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') fail(`${name} must be a function.`)
  }
  const relay = text('relay', options.relay)
  return {
    writeKey: writeKey || undefined,
    endpoint: options.endpoint === undefined ? ENDPOINT : url('endpoint', options.endpoint),
    relay,
    projectId,
    requestTimeoutMs: wholeNumber('requestTimeoutMs', options.requestTimeoutMs, 10_000, 1, MAX_TIMER_MS),
    maxEventBytes: wholeNumber('maxEventBytes', options.maxEventBytes, MAX_EVENT_BYTES, 1_024, MAX_EVENT_BYTES),
    localDebugger: options.localDebugger ? url('localDebugger', options.localDebugger) : undefined,
  }
}

import { readName } from './checks.js'
import type { SpanIds } from './ports.js'

/** Headers of a request, as any server has them. */
export type IncomingHeaders = Headers | Record<string, string | readonly string[] | undefined>

/** Longest event id that is taken from a header. */
const MAX_ID_CHARS = 256
const TRACEPARENT = /^[0-9a-f]{2}-(?!0+-)([0-9a-f]{32})-(?!0+-)([0-9a-f]{16})-[0-9a-f]{2}/

function valueOf(headers: IncomingHeaders, name: string): string | undefined {
  if (typeof headers.get === 'function') return (headers as Headers).get(name) ?? undefined
  for (const [key, value] of Object.entries(headers as Record<string, unknown>)) {
    if (key.toLowerCase() !== name) continue
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') return first
  }
  return undefined
}

function decoded(value: string): string | undefined {
  try {
    return readName(decodeURIComponent(value))
  } catch {
    // Not written by toHeaders(): an id with a bare percent sign is taken as it is.
    return readName(value)
  }
}

/** What `toHeaders()` wrote. A header that cannot be one is as good as none. */
export function readHeaders(headers: IncomingHeaders): { eventId: string | undefined; trace?: SpanIds } {
  if (typeof headers !== 'object' || headers === null) return { eventId: undefined }
  const id = decoded(valueOf(headers, 'x-raindrop-event-id') ?? '')
  const [, traceId, spanId] = TRACEPARENT.exec(valueOf(headers, 'traceparent') ?? '') ?? []
  return {
    eventId: id !== undefined && id.length <= MAX_ID_CHARS ? id : undefined,
    ...(traceId === undefined ? {} : { trace: { traceId, spanId } }),
  }
}

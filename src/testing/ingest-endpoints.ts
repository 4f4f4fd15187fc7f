import { utf8Bytes } from './ingest-body'
import { ingestRecords } from './ingest-record'
import { flatSpans } from './span-schema'
import type { IngestKind, IngestRecord, WireFields } from './types'
import { joinPath } from './wire-issue'
import { checkWireBody } from './wire-schema'

/** WIRE §1.4: the ceiling of one event. */
const maxItemBytes = 1024 * 1024

export interface Endpoint {
  readonly kind: IngestKind
  readonly shape: 'array' | 'object' | 'either'
  answer(records: readonly IngestRecord[]): unknown
}

const eventIds = (records: readonly IngestRecord[]) => ({ events: records.map(({ id }) => ({ event_id: id })) })
const success = () => ({ success: true })

const endpoints: Readonly<Record<string, Endpoint>> = {
  'events/track': { kind: 'event', shape: 'array', answer: eventIds },
  'events/track_partial': { kind: 'partial', shape: 'object', answer: eventIds },
  'signals/track': { kind: 'signal', shape: 'either', answer: success },
  'users/identify': { kind: 'identify', shape: 'either', answer: success },
  // An empty ExportTraceServiceResponse: everything was taken.
  traces: { kind: 'spans', shape: 'object', answer: () => ({}) },
}

const endpointPattern =
  /(?:^|\/)(events\/track|events\/track_partial|signals\/track|users\/identify|traces)\/?(?:\?.*)?$/

export function endpointOf(path: string): Endpoint | undefined {
  return endpoints[endpointPattern.exec(path)?.[1] ?? '']
}

export type CheckedBody =
  | { ok: true; body: unknown; records: IngestRecord[]; flags: string[] }
  | { ok: false; status: 400 | 413; path: string; message: string }

/** All or nothing, as the hosted endpoints are: the first bad item refuses the request. */
export function checkDirectBody(
  endpoint: Endpoint,
  body: unknown,
  { bytes, generateId }: { bytes: number; generateId: () => string },
): CheckedBody {
  const { kind, shape } = endpoint
  if (shape === 'array' && !Array.isArray(body)) return misshapen('must be a JSON array of events')
  if (shape === 'object' && Array.isArray(body)) return misshapen('must be one JSON object, not an array')

  const items = Array.isArray(body) ? body.map((item, index) => [item, joinPath('', index)]) : [[body, '']]
  const records: IngestRecord[] = []
  const flags: string[] = []
  for (const [item, base] of items) {
    const check = checkItem(kind, item, { base, isSmall: bytes <= maxItemBytes })
    if (!check.ok) return check
    records.push(...ingestRecords(kind, check.body, generateId))
    flags.push(...check.flags)
  }
  return { ok: true, body: endpoint.answer(records), records, flags }
}

/** One item with its size. `isSmall` saves the measuring where the whole request is below the limit of an item. */
export function checkItem(kind: IngestKind, item: unknown, { base, isSmall }: { base: string; isSmall: boolean }) {
  const check = checkWireBody(kind, item, base)
  if (!check.ok) return { ...check, status: 400 as const }
  const oversized = isSmall ? undefined : oversizedPart(kind, check.body, base)
  if (oversized === undefined) return check
  const message = `${oversized || 'body'}: is larger than ${maxItemBytes} bytes`
  return { ok: false as const, status: 413 as const, path: oversized, message }
}

/** A traces request is as large as its spans are many: there the limit holds for each span. */
function oversizedPart(kind: IngestKind, body: WireFields, base: string): string | undefined {
  const parts: Array<readonly [unknown, string]> =
    kind === 'spans' ? flatSpans(body).map(({ span, at }) => [span, joinPath(base, at)]) : [[body, base]]
  return parts.find(([part]) => utf8Bytes(JSON.stringify(part)) > maxItemBytes)?.[1]
}

function misshapen(message: string): CheckedBody {
  return { ok: false, status: 400, path: '', message: `body: ${message}` }
}

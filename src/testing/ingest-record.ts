import { flatSpans } from './span-schema'
import type { IngestKind, IngestRecord, WireFields } from './types'

/** A checked wire body as what will be stored: an id on everything, defaults filled in, one span per record. */
export function ingestRecords(kind: IngestKind, body: WireFields, generateId: () => string): IngestRecord[] {
  if (kind === 'spans') return spanRecords(body)
  if (kind === 'identify') return [{ kind, id: body.user_id, body }]
  if (kind === 'signal') return [signalRecord(body, generateId)]
  const id: string = body.event_id ?? generateId()
  return [{ kind, id, body: { ...body, event_id: id } }]
}

function signalRecord(body: WireFields, generateId: () => string): IngestRecord {
  const given: unknown = body.properties?.$signal_id
  const id = typeof given === 'string' && given !== '' ? given : (contentId(body) ?? generateId())
  return { kind: 'signal', id, body: { ...body, signal_type: body.signal_type ?? 'default' } }
}

/**
 * Other SDKs give signals no id. Two of the same content at the same millisecond are one that was sent again after its
 * answer was lost; without a timestamp they may as well be two. FNV-1a twice: 64 bits, without a platform's crypto.
 */
function contentId(body: WireFields): string | undefined {
  if (body.timestamp === undefined) return undefined
  const text = JSON.stringify(body)
  return `content:${fnv1a(text, 0x811c9dc5)}${fnv1a(text, 0x01000193)}`
}

function fnv1a(text: string, seed: number): string {
  let hash = seed
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function spanRecords(body: WireFields): IngestRecord[] {
  return flatSpans(body).map(({ resource, scope, span }) => {
    const traceId = hexId(span.traceId)
    const spanId = hexId(span.spanId)
    const parent = span.parentSpanId ? { parentSpanId: hexId(span.parentSpanId) } : {}
    const spans = [{ ...span, traceId, spanId, ...parent }]
    const document = { resourceSpans: [{ ...resource, scopeSpans: [{ ...scope, spans }] }] }
    return { kind: 'spans', id: `${traceId}/${spanId}`, body: document }
  })
}

/** Raindrop's direct shippers write ids in base64, the OTLP/JSON standard is hex. */
function hexId(id: string): string {
  if (!id.endsWith('=')) return id.toLowerCase()
  return Array.from(atob(id), (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

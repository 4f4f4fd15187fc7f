import { gunzipBounded, readBounded } from '../web/read-bounded.js'
import { isObject } from './record.js'

/** What was sent, or the status that refuses it. */
export type Envelope =
  | { readonly ok: true; readonly records: readonly unknown[] }
  | { readonly ok: false; readonly status: 400 | 413 | 415 }

/** Records of one request. */
const MAX_RECORDS = 100
/** `text/plain` needs no preflight and goes by beacon. Forms, which any page can make a visitor send, are not among them. */
const TYPES: readonly string[] = ['text/plain', 'application/json']

const refused = (status: 400 | 413 | 415): Envelope => ({ ok: false, status })

function hasTextBody(request: Request): boolean {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  return TYPES.includes(type) && ['identity', 'gzip'].includes(encoding)
}

function isPacked(request: Request): boolean {
  return (
    new URL(request.url).searchParams.get('z') === '1' ||
    request.headers.get('content-encoding')?.trim().toLowerCase() === 'gzip'
  )
}

/** Reads no more than `maxBytes`, packed and unpacked, before anything is parsed. */
export async function readEnvelope(request: Request, maxBytes: number): Promise<Envelope> {
  if (!hasTextBody(request)) return refused(415)
  if (Number(request.headers.get('content-length')) > maxBytes) return refused(413)
  try {
    const sent = await readBounded(request.body, maxBytes)
    const bytes = sent && isPacked(request) ? await gunzipBounded(sent, maxBytes) : sent
    if (!bytes) return refused(413)
    const envelope: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (!isObject(envelope) || envelope['v'] !== 1 || !Array.isArray(envelope['records'])) return refused(400)
    return envelope['records'].length > MAX_RECORDS ? refused(413) : { ok: true, records: envelope['records'] }
  } catch {
    // No gzip, no UTF-8, no JSON, or a connection that was cut: nothing to go by.
    return refused(400)
  }
}

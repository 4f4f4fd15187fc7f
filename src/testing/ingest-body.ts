import { gunzipBounded } from '../web/read-bounded.js'
import { lowerCaseHeaders, type IngestHeaders } from './ingest-headers'

/** What Workshop accepts; the hosted limit of a whole body is not published. */
export const defaultMaxBodyBytes = 50 * 1024 * 1024
/** The default of `createRelay`. */
export const defaultMaxRelayBytes = 2 * 1024 * 1024

/** The text of a body, or the answer that it deserves. */
export type IngestBody =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 400 | 413; readonly message: string }

/**
 * Turns the bytes of a request into the text that {@link checkIngestRequest} takes: unpacks gzip (`?z=1`, or
 * `Content-Encoding: gzip`) and stops as soon as more than `maxBytes` came out, so that a small bomb stays small.
 */
export async function readIngestBody(request: {
  path: string
  headers?: IngestHeaders
  bytes: Uint8Array
  maxBytes?: number
}): Promise<IngestBody> {
  const { path, bytes, maxBytes = isRelayPath(path) ? defaultMaxRelayBytes : defaultMaxBodyBytes } = request
  const encoding = lowerCaseHeaders(request.headers)['content-encoding']
  const isPacked = encoding === 'gzip' || new URLSearchParams(path.split('?')[1]).get('z') === '1'
  if (bytes.byteLength > maxBytes) return tooLarge(maxBytes)
  try {
    const unpacked = isPacked ? await gunzipBounded(bytes as Uint8Array<ArrayBuffer>, maxBytes) : bytes
    if (unpacked === undefined) return tooLarge(maxBytes)
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(unpacked) }
  } catch {
    return { ok: false, status: 400, message: isPacked ? 'body: is not gzip of UTF-8 text' : 'body: is not UTF-8 text' }
  }
}

export function isRelayPath(path: string): boolean {
  return /(?:^|\/)relay\/?(?:\?.*)?$/.test(path)
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength
}

function tooLarge(maxBytes: number): IngestBody {
  return { ok: false, status: 413, message: `body: is larger than ${maxBytes} bytes` }
}

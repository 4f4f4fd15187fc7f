import { defaultMaxBodyBytes, defaultMaxRelayBytes, isRelayPath, utf8Bytes } from './ingest-body'
import {
  corsHeaders,
  isAuthorized,
  jsonHeaders,
  lowerCaseHeaders,
  preflightHeaders,
  projectOf,
  type IngestHeaders,
} from './ingest-headers'
import { checkDirectBody, endpointOf, type Endpoint } from './ingest-endpoints'
import { checkRelayBody } from './relay-envelope'
import type { IngestRecord } from './types'

/** `Content-Encoding` and `?z=1` are not looked at here: {@link readIngestBody} unpacks. */
export interface IngestRequest {
  /** Default POST. */
  method?: string
  /** Path or URL, e.g. `/v1/events/track`, `events/track` or `/relay?z=1`. */
  path: string
  headers?: IngestHeaders
  body: string
  /** The only key to let in. Default: any that is not empty. */
  writeKey?: string
  /** Largest body in bytes. Default 2_097_152 for the relay, 52_428_800 elsewhere. */
  maxBodyBytes?: number
  /** For events and signals that come without an id, outside the relay. Default `crypto.randomUUID`. */
  generateId?: () => string
}

/** What to answer to a request, and what to keep of it. */
export interface IngestResult {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** What to answer, to be serialised as JSON; undefined where there is no body. */
  readonly body: unknown
  /** What was taken. A direct request is taken whole or not at all, a relay envelope record by record. */
  readonly records: readonly IngestRecord[]
  /** Accepted, but surely a mistake: `path: what is odd`. */
  readonly flags: readonly string[]
  readonly projectId: string
}

/**
 * What a strict Raindrop ingest does with a request, as a function of the request alone: it stores nothing and listens
 * nowhere, so that a server, a test and a demo can share it.
 *
 * @example
 * const { status, body, records } = checkIngestRequest({ path: '/v1/events/track', headers, body: await request.text() })
 */
export function checkIngestRequest(request: IngestRequest): IngestResult {
  const { method = 'POST', path, writeKey } = request
  if (method === 'OPTIONS') return answer({ status: 204, headers: preflightHeaders })
  const endpoint = endpointOf(path)
  if (endpoint === undefined && !isRelayPath(path)) return refusal(404, `${path.split('?')[0]}: no such endpoint`)
  if (method !== 'POST') return refusal(405, `${method}: only POST is taken`)

  const headers = lowerCaseHeaders(request.headers)
  if (endpoint !== undefined && !isAuthorized(headers.authorization, writeKey)) {
    return refusal(401, 'authorization: send "Bearer <write key>", with the right key')
  }
  const projectId = projectOf(headers['x-raindrop-project-id'])
  if (projectId === undefined) {
    return refusal(400, 'x-raindrop-project-id: must be 1 to 63 of a-z, 0-9 and inner hyphens')
  }
  return { ...checkBody(endpoint, request), projectId }
}

function checkBody(endpoint: Endpoint | undefined, request: IngestRequest): IngestResult {
  const { body: text, generateId = () => crypto.randomUUID() } = request
  const maxBytes = request.maxBodyBytes ?? (endpoint === undefined ? defaultMaxRelayBytes : defaultMaxBodyBytes)
  const bytes = utf8Bytes(text)
  if (bytes > maxBytes) return refusal(413, `body: ${bytes} bytes, at most ${maxBytes} are taken`)
  const document = parsed(text)
  if (document === undefined) return refusal(400, 'body: is not JSON')

  const checked =
    endpoint === undefined
      ? checkRelayBody(document.value)
      : checkDirectBody(endpoint, document.value, { bytes, generateId })
  if (!checked.ok) return refusal(checked.status, checked.message, checked.path)
  return answer({ status: 200, headers: jsonHeaders, ...checked })
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function refusal(status: number, message: string, path = ''): IngestResult {
  return answer({ status, headers: jsonHeaders, body: { error: message, ...(path === '' ? {} : { path }) } })
}

function answer(result: Partial<IngestResult> & { status: number }): IngestResult {
  const { status, headers = corsHeaders, body, records = [], flags = [] } = result
  return { status, headers, body, records, flags, projectId: 'default' }
}

import { readIngestBody } from './ingest-body'
import { lowerCaseHeaders } from './ingest-headers'
import { checkIngestRequest } from './ingest-request'
import type { SentRequest } from './types'

/** How the scripted answer looks, and how often it is given. */
export interface RespondOptions {
  /** How many requests get this answer before they are accepted again. Default: all, until the next call. */
  times?: number
  retryAfterSeconds?: number
  /** A string goes out as it is, anything else as JSON. Default: what the ingest would answer. */
  body?: unknown
}

/** What a test sees of the requests, and does to them. */
export interface TestTransport {
  readonly fetch: typeof globalThis.fetch
  /** Every request so far, oldest first; grows as the client sends. What was tried offline is not in it. */
  readonly requests: readonly SentRequest[]
  /** Answers with this status from now on; the next call replaces it. */
  respondWith(status: number, options?: RespondOptions): void
  /** Every request fails as fetch fails without a network. */
  goOffline(): void
  /** Requests are answered again. */
  goOnline(): void
}

/** A fetch that answers from memory. */
export function createTestTransport({ relay }: { relay?: string }): TestTransport {
  const requests: SentRequest[] = []
  let isOnline = true
  let scripted: ({ status: number; left: number } & RespondOptions) | undefined

  async function fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { url, method, headers, bytes, signal } = await readRequest(input, init)
    signal?.throwIfAborted()
    if (!isOnline) throw new TypeError('fetch failed')

    const isRelay = relay !== undefined && url.pathname === new URL(relay, url).pathname
    const path = (isRelay ? '/relay' : url.pathname) + url.search
    const read = await readIngestBody({ path, headers, bytes })
    const text = read.ok ? read.text : ''
    const request: SentRequest = { path: url.pathname, search: url.search, headers, body: parsed(text) }
    requests.push(request)

    const result = checkIngestRequest({ method, path, headers, body: text })
    const answer = scriptedAnswer(result.body) ?? result
    request.status = answer.status
    return new Response(bodyOf(answer), { status: answer.status, headers: { ...answer.headers } })
  }

  function scriptedAnswer(accepted: unknown) {
    if (scripted === undefined || scripted.left <= 0) return undefined
    scripted.left -= 1
    const { status, body, retryAfterSeconds } = scripted
    const isTaken = status >= 200 && status < 300
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
    return { status, headers, body: body ?? (isTaken ? accepted : { error: `respondWith(${status})` }) }
  }

  return {
    fetch,
    requests,
    respondWith(status, options = {}) {
      scripted = { ...options, status, left: options.times ?? Infinity }
    },
    goOffline: () => void (isOnline = false),
    goOnline: () => void (isOnline = true),
  }
}

async function readRequest(input: string | URL | Request, init: RequestInit) {
  const given = input instanceof Request ? input : undefined
  const address = given?.url ?? String(input)
  const body = init.body ?? given?.body
  return {
    // A relay may be a path: relative to the page, which a unit test may not have.
    url: new URL(address, 'http://localhost'),
    method: (init.method ?? given?.method ?? 'GET').toUpperCase(),
    headers: lowerCaseHeaders(new Headers(init.headers ?? given?.headers)),
    bytes: new Uint8Array(await new Response(body).arrayBuffer()),
    signal: init.signal ?? given?.signal,
  }
}

const withoutBody: readonly number[] = [101, 204, 205, 304]

function bodyOf({ status, body }: { status: number; body: unknown }): string | null {
  if (withoutBody.includes(status) || body === undefined) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

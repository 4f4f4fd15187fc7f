import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { checkIngestRequest, readIngestBody } from 'raindrop-js/testing'
import type { EventStore } from './event-store'
import type { LiveFeed } from './live-feed'
import { maxBodyBytes, readBytes } from './read-bytes'

export interface IngestServerOptions {
  store: EventStore
  live: LiveFeed
}

/** The write side under /v1/ and /relay, the read side under /api/, and /health. */
export function createIngestServer(options: IngestServerOptions): Server {
  return createServer((request, response) => {
    const handled = request.method === 'GET' ? read(request, response, options) : take(request, response, options)
    handled.catch((error: unknown) => {
      if (request.destroyed && !response.headersSent) return void response.destroy()
      console.error('ingest: a request failed', error)
      send(response, 503, { error: 'The store did not take it. Try again.' }, { 'retry-after': '2' })
    })
  })
}

async function take(request: IncomingMessage, response: ServerResponse, { store }: IngestServerOptions): Promise<void> {
  const { method = 'POST', url: path = '/', headers } = request
  const bytes = await readBytes(request)
  if (!bytes) {
    return send(
      response,
      413,
      { error: `The body is larger than ${maxBodyBytes} bytes. Send less at once.` },
      { connection: 'close' },
    )
  }
  const body = await readIngestBody({ path, headers, bytes, maxBytes: maxBodyBytes })
  if (!body.ok) return send(response, body.status, { error: body.message })
  const result = checkIngestRequest({ method, path, headers, body: body.text })
  // Answered after the commit: an answer is a promise that it is safe.
  if (result.records.length > 0) await store.ingest(result.records)
  send(response, result.status, result.body, result.headers)
}

async function read(
  request: IncomingMessage,
  response: ServerResponse,
  { store, live }: IngestServerOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://ingest')
  if (url.pathname === '/health') return send(response, 200, { ok: true, service: 'raindrop-demo-ingest' })
  if (url.pathname === '/api/events') return sendPage(response, url, store)
  if (url.pathname === '/api/stream') return live.add(response)
  const eventId = decoded(/^\/api\/events\/(.+)$/.exec(url.pathname)?.[1])
  const event = eventId === undefined ? null : await store.get(eventId)
  if (!event) return send(response, 404, { error: `Nothing is at ${url.pathname}.` })
  send(response, 200, event)
}

const pageSize = { default: 50, most: 200 }

async function sendPage(response: ServerResponse, url: URL, store: EventStore): Promise<void> {
  const before = url.searchParams.get('before') ?? undefined
  const limit = Number(url.searchParams.get('limit') ?? pageSize.default)
  if (before !== undefined && !/^\d{1,18}$/.test(before)) {
    return send(response, 400, { error: 'before: pass the nextCursor of a page.' })
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > pageSize.most) {
    return send(response, 400, { error: `limit: pass a number from 1 to ${pageSize.most}.` })
  }
  send(response, 200, await store.list({ ...(before && { before }), limit }))
}

function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part)
  } catch {
    return undefined
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { checkRequest } from './check-request'
import type { EventStore } from './event-store'
import type { LiveFeed } from './live-feed'
import { BodyError, readBody } from './read-body'

export interface IngestServerOptions {
  store: EventStore
  live: LiveFeed
}

/** The write side under /v1/ and /relay, the read side under /api/, and /health. */
export function createIngestServer(options: IngestServerOptions): Server {
  return createServer((request, response) => {
    route(request, response, options).catch((error: unknown) => fail(response, error))
  })
}

async function route(request: IncomingMessage, response: ServerResponse, { store, live }: IngestServerOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://ingest')
  if (request.method === 'POST') return take(request, response, { url, store })
  if (request.method !== 'GET') return answer(response, 405, { error: 'Only GET and POST are known here.' })
  if (url.pathname === '/health') return answer(response, 200, { ok: true, service: 'raindrop-demo-ingest' })
  if (url.pathname === '/api/events') return answerPage(response, url, store)
  if (url.pathname === '/api/stream') return live.add(response)
  const eventId = /^\/api\/events\/(.+)$/.exec(url.pathname)?.[1]
  if (!eventId) return answer(response, 404, { error: `Nothing is at ${url.pathname}.` })
  const event = await store.get(decodeURIComponent(eventId))
  return event ? answer(response, 200, event) : answer(response, 404, { error: 'No event has this id.' })
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  { url, store }: { url: URL; store: EventStore },
): Promise<void> {
  const isGzip = request.headers['content-encoding'] === 'gzip' || url.searchParams.get('z') === '1'
  const body = await readBody(request, isGzip)
  const checked = checkRequest({ path: url.pathname, headers: request.headers, body })
  // Answered after the commit: an answer is a promise that it is safe.
  if (checked.records.length > 0) await store.ingest(checked.records)
  answer(response, checked.status, checked.body)
}

const pageSize = { default: 50, most: 200 }

async function answerPage(response: ServerResponse, url: URL, store: EventStore): Promise<void> {
  const before = url.searchParams.get('before') ?? undefined
  const limit = Number(url.searchParams.get('limit') ?? pageSize.default)
  if (before !== undefined && !/^\d{1,18}$/.test(before)) return answer(response, 400, { error: 'before: pass the nextCursor of a page.' })
  if (!Number.isInteger(limit) || limit < 1 || limit > pageSize.most) {
    return answer(response, 400, { error: `limit: pass a number from 1 to ${pageSize.most}.` })
  }
  answer(response, 200, await store.list({ ...(before && { before }), limit }))
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined || status === 204) return void response.writeHead(status).end()
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body))
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  // The rest of a body that is too large will not be read, so the connection cannot be used again.
  if (error instanceof BodyError) {
    response.setHeader('connection', 'close')
    return answer(response, error.status, { error: error.message })
  }
  if (error instanceof URIError) return answer(response, 400, { error: 'The address is not well encoded.' })
  console.error('ingest: a request failed, its sender will try again', error)
  response.setHeader('retry-after', '2')
  answer(response, 503, { error: 'The store did not take it. Try again.' })
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { checkIngestRequest, readIngestBody } from 'raindrop-js/testing'
import { send } from './answers'
import type { EventStore } from './event-store'
import type { LiveFeed } from './live-feed'
import { maxBodyBytes, readBytes } from './read-bytes'
import { answerRead } from './read-api'
import type { WriteKeys } from './write-keys'

export interface IngestServerOptions {
  store: EventStore
  live: LiveFeed
  /** Who may write; without it whoever names any key. */
  writeKeys?: WriteKeys | undefined
}

/**
 * Longer than load balancers keep theirs (60 s mostly): who closes an idle connection first must not be the server, or a request that was
 * just sent on it is lost.
 */
const keepAliveTimeout = 65_000

/** The write side under /v1/ and /relay, the read side under /api/, and /health. */
export function createIngestServer(options: IngestServerOptions): Server {
  return createServer({ keepAliveTimeout }, (request, response) => {
    const handled = request.method === 'GET' ? answerRead(request, response, options) : take(request, response, options)
    handled.catch((error: unknown) => {
      if (request.destroyed && !response.headersSent) return void response.destroy()
      console.error('ingest: a request failed', error)
      send(response, 503, { error: 'The store did not take it. Try again.' }, { 'retry-after': '2' })
    })
  })
}

async function take(request: IncomingMessage, response: ServerResponse, options: IngestServerOptions): Promise<void> {
  const { store, writeKeys } = options
  const { method = 'POST', url: path = '/', headers } = request
  // Before a byte of the body is read.
  if (method !== 'OPTIONS' && writeKeys && !writeKeys(headers.authorization)) {
    const error = 'authorization: send "Bearer <write key>" with a key of RAINDROP_WRITE_KEYS'
    return send(response, 401, { error }, { 'access-control-allow-origin': '*', connection: 'close' })
  }
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

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { answerWithFault, sendAnswer } from './faulty-answer'
import { createFaultPlan, type FaultMode, type FaultOptions } from './faults'
import { defaultMaxBodyBytes, readIngestBody } from './ingest-body'
import { jsonHeaders, lowerCaseHeaders } from './ingest-headers'
import { createIngestLog, type EventView } from './ingest-log'
import { checkIngestRequest, type IngestResult } from './ingest-request'
import type { IngestRecord, SentRequest, WireFields } from './types'

/** Options of {@link startIngestServer}. */
export interface IngestServerOptions {
  /** Default: any free one. */
  port?: number
  /** The only key to let in. Default: any that is not empty. */
  writeKey?: string
}

/** A server that is listening. Made by {@link startIngestServer}. */
export interface IngestServer {
  /** What to pass as `endpoint`, e.g. `http://127.0.0.1:4321/v1/`. */
  readonly url: string
  /** What to pass as `relay`: takes envelopes, needs no key. */
  readonly relayUrl: string
  readonly port: number
  /** Every POST that was read to its end, refused and unanswered ones included, oldest first. */
  readonly requests: readonly SentRequest[]
  /** Everything that was taken, in order of arrival, repeats included. */
  readonly records: readonly IngestRecord[]
  /** What was taken but is surely a mistake, e.g. a user id that reads "undefined". */
  readonly flags: readonly string[]
  /** Merged view by id: partials folded into their event, signals listed under it. */
  events(): readonly EventView[]
  /** Signals once each, also those whose event never came. */
  signals(): readonly WireFields[]
  /** Resolves with the next request that is read, whether it will be answered or not. */
  nextRequest(): Promise<SentRequest>
  /** Replaces the fault before. Preflights never meet one. */
  fault(mode: FaultMode, options?: FaultOptions): void
  /** At once: open connections are cut, hanging ones too. The port is free again when it resolves. */
  close(): Promise<void>
  /** As `close()`: for `await using ingest = …`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Node only. A strict ingest on 127.0.0.1: refuses what the protocol forbids, merges what it takes, and misbehaves on
 * command.
 *
 * @example
 * const ingest = await startIngestServer()
 * const raindrop = new Raindrop({ writeKey: 'test', endpoint: ingest.url })
 * raindrop.trackAi({ event: 'chat', userId: 'u1', input: 'hi' })
 * await raindrop.flush()
 * ingest.events() // [{ eventId: '…', body: { event: 'chat', … }, pending: false, signals: [] }]
 */
export async function startIngestServer(options: IngestServerOptions = {}): Promise<IngestServer> {
  // Not at the top: this entry is imported in browsers and edges too.
  const { createServer } = await import('node:http')
  const requests: SentRequest[] = []
  const records: IngestRecord[] = []
  const flags: string[] = []
  const log = createIngestLog()
  const faults = createFaultPlan()
  let waiting: Array<(request: SentRequest) => void> = []

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = message
    const headers = lowerCaseHeaders(message.headers)
    const bytes = await readBytes(message)
    const body = await readIngestBody({ path, headers, bytes })
    const check = () =>
      body.ok
        ? checkIngestRequest({ method, path, headers, body: body.text, writeKey: options.writeKey })
        : unreadable(body.status, body.message)
    if (method !== 'POST') return sendAnswer(response, check())

    const [pathname = path, query] = path.split('?')
    const search = query === undefined ? '' : `?${query}`
    const request: SentRequest = { path: pathname, search, headers, body: body.ok ? parsed(body.text) : undefined }
    requests.push(request)
    waiting.forEach((resolve) => resolve(request))
    waiting = []
    answerWithFault(faults.next({ path, bytes: bytes.byteLength }), { request, response, take: () => keep(check()) })
  }

  function keep(result: IngestResult): IngestResult {
    log.add(result.records)
    records.push(...result.records)
    flags.push(...result.flags)
    return result
  }

  const server = createServer((message, response) => {
    handle(message, response).catch(() => message.socket.destroy())
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`

  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.once('close', resolve))
    server.close()
    sockets.forEach((socket) => socket.destroy())
    await closed
  }

  return {
    url: `${origin}/v1/`,
    relayUrl: `${origin}/relay`,
    port,
    requests,
    records,
    flags,
    events: log.events,
    signals: log.signals,
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    fault: faults.set,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function unreadable(status: number, message: string): IngestResult {
  return { status, headers: jsonHeaders, body: { error: message }, records: [], flags: [], projectId: 'default' }
}

/** Reads everything, so that every request can be recorded, but keeps no more than one byte over the bound. */
async function readBytes(message: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let kept = 0
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    if (kept > defaultMaxBodyBytes) continue
    chunks.push(chunk)
    kept += chunk.byteLength
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

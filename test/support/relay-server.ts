import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { fileQueue, Raindrop } from 'raindrop-js'
import { createRelay } from 'raindrop-js/relay'

// A relay in a process of its own, so that it can be killed: INGEST is where it sends, QUEUE its directory, if it has one.

const { INGEST, QUEUE } = process.env
const raindrop = new Raindrop({
  writeKey: 'key',
  endpoint: INGEST,
  onError: () => undefined,
  ...(QUEUE ? { storage: fileQueue(QUEUE) } : {}),
})
const relay = createRelay({ raindrop, authorize: () => ({ userId: 'alice' }) })

function toRequest(message: IncomingMessage): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headers)) if (typeof value === 'string') headers.set(name, value)
  const body = Readable.toWeb(message) as ReadableStream
  const init = { method: 'POST', headers, body, duplex: 'half' }
  return new Request(`http://${message.headers.host}${message.url}`, init)
}

const server = createServer((message, response) => {
  void relay(toRequest(message)).then(async (answer) => {
    const text = await answer.text()
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text)
  })
})
server.listen(0, '127.0.0.1', () => {
  // What an earlier process left is sent too.
  void raindrop.flush()
  process.send?.((server.address() as AddressInfo).port)
})
process.on('message', () => {
  const { heapUsed } = process.memoryUsage()
  process.send?.({ heapUsed, stats: raindrop.stats() })
})
// Nobody is left to end it otherwise.
process.on('disconnect', () => process.exit())

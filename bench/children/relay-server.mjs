// A relay with a file queue, and beside it a route that only answers 204. INGEST: where it sends. QUEUE: its directory.
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { fileQueue, Raindrop } from 'raindrop-js'
import { createRelay } from 'raindrop-js/relay'

const { INGEST, QUEUE } = process.env
let failures = 0
const raindrop = new Raindrop({
  writeKey: 'key',
  endpoint: INGEST,
  storage: fileQueue(QUEUE),
  maxQueueSize: 100_000,
  onError: () => failures++,
})
const relay = createRelay({ raindrop, authorize: () => ({ userId: 'alice' }) })

function toRequest(message) {
  const headers = Object.entries(message.headers).filter(([, value]) => typeof value === 'string')
  const url = `http://${message.headers.host}${message.url}`
  return new Request(url, { method: 'POST', headers, body: Readable.toWeb(message), duplex: 'half' })
}

async function answer(message, response) {
  if (message.url === '/nothing') {
    for await (const _ of message);
    return response.writeHead(204).end()
  }
  const answered = await relay(toRequest(message))
  const text = await answered.text()
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(text)
}

const server = createServer((message, response) => void answer(message, response))
// The client keeps connections: one that is closed as it is used again would be a failure of the bench.
server.keepAliveTimeout = 300_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  process.send({ heapUsed, rss, failures, cpu: process.cpuUsage(), stats: raindrop.stats() })
})
// Nobody is left to end it otherwise.
process.on('disconnect', () => process.exit())

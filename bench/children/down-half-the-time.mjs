// An ingest that counts the ids of events, and answers only half of the time. HALF_MS: how long each half is; 0: always up.
import { createServer } from 'node:http'

const halfMs = Number(process.env.HALF_MS)
let isAlwaysUp = halfMs === 0
const arrived = new Set()
const startedAt = Date.now()
const isDown = () => !isAlwaysUp && Math.floor((Date.now() - startedAt) / halfMs) % 2 === 0

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk) => (text += chunk))
  request.on('end', () => {
    if (isDown()) return request.socket.destroy()
    for (const { event_id: id } of JSON.parse(text)) arrived.add(id)
    response.writeHead(204).end()
  })
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('message', (message) => {
  if (message === 'up') isAlwaysUp = true
  process.send(message === 'ids' ? [...arrived] : arrived.size)
})
// Nobody is left to end it otherwise.
process.on('disconnect', () => process.exit())

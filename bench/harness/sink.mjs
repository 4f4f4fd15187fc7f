// The receiving end, in a process of its own: its CPU is nobody's. Counts what arrives by the first segment of the path.
import { createServer } from 'node:http'
import { MARK } from './events.mjs'

/** Every contestant reads what it looks for in this. */
const ANSWER = JSON.stringify({ success: true, status: 1, successes: [], errors: [] })
const counts = new Map()

function countOf(url) {
  const name = url.split('/')[1]
  if (!counts.has(name)) counts.set(name, { requests: 0, events: 0, bytes: 0 })
  return counts.get(name)
}

/** Searched for instead of parsed: the sink shares the machine with what is measured. */
function marksIn(body) {
  let marks = 0
  for (let at = body.indexOf(MARK); at >= 0; at = body.indexOf(MARK, at + MARK.length)) marks++
  return marks
}

const server = createServer((request, response) => {
  const count = countOf(request.url)
  response.setHeader('content-type', 'application/json')
  if (request.method === 'GET') return response.end(JSON.stringify(count))
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    count.requests++
    count.bytes += body.length
    count.events += marksIn(body)
    response.end(ANSWER)
  })
})

// A contestant that pauses between two bursts keeps its connection.
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())

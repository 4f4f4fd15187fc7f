// The receiving end, in a process of its own: its CPU is nobody's. Knows each event by its mark, in whatever wire it comes.
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { UNCOUNTED } from './events.mjs'

/** Every contestant reads what it looks for in this. */
const ANSWER = {
  success: true,
  status: 1,
  code: 200,
  successes: [],
  errors: [],
  events: [{ event_id: 'taken' }],
}

const sockets = new Set()
let server
let port = 0
/** `{ mode: 'ok' | 'status' | 'limit' | 'hang', … }`; see `refusal`. */
let fault = { mode: 'ok' }
let state

function reset() {
  state = {
    requests: 0,
    preflights: 0,
    bytes: 0,
    seen: new Map(),
    refusedAt: [],
    limitedAt: new Map(),
    ids: new Map(),
    early: 0,
    hung: 0,
  }
}
reset()

function unpack(body) {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  const text = (isGzip ? gunzipSync(body) : body).toString('utf8')
  if (text.startsWith('data=')) return Buffer.from(decodeURIComponent(text.slice(5)), 'base64').toString('utf8')
  return text
}

const marksIn = (text) => (text.match(/mark\d{6}x/g) ?? []).map((mark) => Number(mark.slice(4, -1)))

/** Undefined where the request is taken. */
function refusal(marks) {
  if (fault.mode === 'status') return { status: 503 }
  if (fault.mode === 'limit') {
    const now = performance.now()
    fault.until ??= now + fault.seconds * 1_000
    // An event that was told to wait and did not.
    if (marks.some((mark) => now - (state.limitedAt.get(mark) ?? -Infinity) < fault.seconds * 1_000 - 50)) state.early++
    if (now >= fault.until - 50) return undefined
    for (const mark of marks) state.limitedAt.set(mark, now)
    return { status: 429, retryAfter: fault.seconds }
  }
  if (fault.mode === 'hang' && state.hung < fault.times) {
    state.hung++
    return { hangs: true }
  }
  return undefined
}

function answerTo(url, text) {
  if (!url.startsWith('/relay')) return ANSWER
  const { records } = JSON.parse(text)
  for (const { id, body } of records) {
    for (const mark of marksIn(JSON.stringify(body))) state.ids.set(mark, (state.ids.get(mark) ?? new Set()).add(id))
  }
  return { accepted: records.map(({ id }) => id), rejected: [] }
}

function handle(request, response) {
  const { origin = '*', 'access-control-request-headers': asked } = request.headers
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-expose-headers', 'Retry-After')
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
  if (request.method === 'OPTIONS') {
    state.preflights++
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT')
    response.setHeader('access-control-max-age', '600')
    if (asked) response.setHeader('access-control-allow-headers', asked)
    return response.writeHead(204).end()
  }
  response.setHeader('content-type', 'application/json')
  if (request.method === 'GET') return response.end('{}')
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const text = unpack(body)
    const marks = marksIn(text)
    // What carries no event (a report of the SDK about itself) is a request all the same.
    state.requests++
    state.bytes += body.length
    const refused = refusal(marks)
    if (refused?.hangs) return
    if (refused) {
      state.refusedAt.push(performance.now())
      if (refused.retryAfter) response.setHeader('retry-after', refused.retryAfter)
      response.statusCode = refused.status
      return response.end('{}')
    }
    for (const mark of marks) state.seen.set(mark, (state.seen.get(mark) ?? 0) + 1)
    response.end(JSON.stringify(answerTo(request.url, text)))
  })
}

function up() {
  if (server) return Promise.resolve()
  server = createServer(handle)
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => {
      port = server.address().port
      resolve()
    }),
  )
}

/** Nothing listens any more; what is under way is cut. */
async function down() {
  const closing = server
  server = undefined
  const closed = new Promise((resolve) => (closing ? closing.close(resolve) : resolve()))
  for (const socket of sockets) socket.destroy()
  await closed
}

function look() {
  const { seen, limitedAt: _, ids, ...rest } = state
  const times = [...seen].flatMap(([mark, many]) => (mark < UNCOUNTED ? [many] : []))
  // Of ours the sink reads the id: what comes again under the same one counts once at any receiver.
  const doubled = ids.size > 0 ? [...ids.values()].filter((known) => known.size > 1).length : undefined
  return { ...rest, doubled, events: times.length, repeats: times.reduce((sum, many) => sum + many - 1, 0) }
}

const commands = { up, down, look, reset, fault: (next) => void (fault = next) }

async function obey({ id, name, value }) {
  process.send({ id, result: await commands[name](value) })
}

process.on('message', (message) => void obey(message))
process.on('disconnect', () => process.exit())
await up()
process.send({ port })

// node bench/relay.mjs [--seconds=60] [--rate=100] [--records=10]
// A relay with a file queue under load, before a backend that is down half of the time. In the same run, in turns with it, a route of the same
// process that only answers 204. Exits with 1 where something is lost or the route is more than three times slower.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createFeedbackTokens } from 'raindrop-js/relay'
import { machine } from './harness/report.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '100' },
    records: { type: 'string', default: '10' },
  },
})
const [seconds, rate, perRequest] = [values.seconds, values.rate, values.records].map(Number)
const HALF_MS = 5_000

const children = []
async function start(script, env, execArgv = []) {
  const child = fork(new URL(`children/${script}.mjs`, import.meta.url), { env: { ...process.env, ...env }, execArgv })
  children.push(child)
  const [port] = await once(child, 'message')
  const ask = async (message) => {
    child.send(message)
    return (await once(child, 'message'))[0]
  }
  return { port, ask }
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** One request, and how long its answer took from the moment it was due: a late start is part of the wait. */
function post(port, path, body, dueAt) {
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      path,
      agent,
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) },
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ ms: performance.now() - dueAt, status: response.statusCode, text }))
    })
    sent.end(body)
  })
}

let made = 0
function records(count) {
  return Array.from({ length: count }, () => {
    const event_id = `event-${++made}`
    const body = {
      event_id,
      event: 'chat',
      user_id: 'alice',
      ai_data: { input: 'x'.repeat(300), output: 'y'.repeat(500) },
      properties: { n: made },
    }
    return { id: `r-${made}`, kind: 'event', body }
  })
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
const figures = (times) => {
  const sorted = [...times].sort((a, b) => a - b)
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: sorted.at(-1) }
}
const round = (ms) => `${ms.toFixed(2)} ms`

async function tokenFigures() {
  const tokens = createFeedbackTokens({ secret: 'a secret of more than thirty-two characters' })
  const times = { mint: [], verify: [] }
  for (let turn = 0; turn < 2_000; turn++) {
    const from = performance.now()
    const token = await tokens.mint(`event-${turn}`, { subject: 'alice', signals: ['thumbs_up', 'thumbs_down'] })
    const between = performance.now()
    await tokens.verify(token, { subject: 'alice' })
    times.mint.push(between - from)
    times.verify.push(performance.now() - between)
  }
  return times
}

const directory = mkdtempSync(join(tmpdir(), 'raindrop-relay-bench-'))
try {
  const { mint, verify } = await tokenFigures()
  console.log(`mint: ${round(figures(mint).p50)} at the median, verify: ${round(figures(verify).p50)}`)

  const ingest = await start('down-half-the-time', { HALF_MS })
  const relay = await start('relay-server', { INGEST: `http://127.0.0.1:${ingest.port}/v1/`, QUEUE: directory }, [
    '--expose-gc',
  ])
  const envelope = (items) => JSON.stringify({ v: 1, sentAt: new Date().toISOString(), records: items })
  // Both routes compiled and connected.
  for (let turn = 0; turn < 200; turn++) {
    await post(relay.port, '/nothing', envelope(records(perRequest)), performance.now())
    await post(relay.port, '/relay', envelope([{ id: `warm-${turn}`, kind: 'event', body: {} }]), performance.now())
  }

  const before = await relay.ask('look')
  const times = { relay: [], nothing: [] }
  const accepted = new Set()
  let untaken = 0
  const open = []
  const startedAt = performance.now()
  let mostHeap = 0
  const watch = setInterval(
    () => void relay.ask('look').then(({ heapUsed }) => (mostHeap = Math.max(mostHeap, heapUsed))),
    5_000,
  )
  for (let turn = 0; turn < seconds * rate; turn++) {
    const dueAt = startedAt + (turn * 1_000) / rate
    if (dueAt > performance.now()) await sleep(dueAt - performance.now())
    const items = records(perRequest)
    const body = envelope(items)
    open.push(
      post(relay.port, '/relay', body, dueAt).then(({ ms, text }) => {
        times.relay.push(ms)
        const answer = JSON.parse(text)
        const ids = new Set(answer.accepted)
        const taken = items.filter(({ id }) => ids.has(id))
        for (const { body } of taken) accepted.add(body.event_id)
        untaken += items.length - taken.length
      }),
      // Half a step later, with the same body, so that neither waits for the other by design.
      sleep(500 / rate).then(async () =>
        times.nothing.push((await post(relay.port, '/nothing', body, dueAt + 500 / rate)).ms),
      ),
    )
  }
  await Promise.all(open)
  clearInterval(watch)
  const after = await relay.ask('look')

  await ingest.ask('up')
  const upAt = performance.now()
  while ((await ingest.ask('count')) < accepted.size && performance.now() - upAt < 120_000) await sleep(200)
  const drainedMs = performance.now() - upAt
  const arrived = new Set(await ingest.ask('ids'))
  const missing = [...accepted].filter((id) => !arrived.has(id)).length
  const last = await relay.ask('look')

  const [withRelay, without] = [figures(times.relay), figures(times.nothing)]
  const ratio = withRelay.p99 / without.p99
  console.log(
    `${machine()}\n${rate} requests/s of ${perRequest} records for ${seconds} s, backend down half of the time (${HALF_MS} ms each)`,
  )
  console.log(
    `accepted ${accepted.size}, not taken ${untaken}, missing ${missing}; the backlog was gone ${(drainedMs / 1_000).toFixed(1)} s after the backend was back`,
  )
  console.log(`relay:    p50 ${round(withRelay.p50)}, p99 ${round(withRelay.p99)}, at worst ${round(withRelay.max)}`)
  console.log(
    `204 only: p50 ${round(without.p50)}, p99 ${round(without.p99)}, at worst ${round(without.max)}; ratio of p99: ${ratio.toFixed(2)}`,
  )
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
  console.log(
    `heap after gc: ${mb(before.heapUsed)} before, ${mb(mostHeap)} at most, ${mb(last.heapUsed)} at the end; RSS ${mb(after.rss)}`,
  )
  if (missing > 0 || ratio > 3) process.exitCode = 1
} finally {
  agent.destroy()
  for (const child of children) child.kill()
  rmSync(directory, { recursive: true, force: true })
}

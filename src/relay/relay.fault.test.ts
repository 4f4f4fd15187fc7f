import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { envelope, event } from '../../test/support/relay-page.js'
import type { RelayAnswer } from './relay.js'

const root = join(import.meta.dirname, '../..')
const workshop = mkdtempSync(join(tmpdir(), 'raindrop-relay-fault-'))
const script = join(workshop, 'relay-server.mjs')
const children: ChildProcess[] = []
let ingest: IngestServer

beforeAll(async () => {
  const entryPoints = [join(root, 'test/support/relay-server.ts')]
  await build({
    entryPoints,
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    tsconfig: join(root, 'tsconfig.json'),
    logLevel: 'error',
  })
})
afterAll(() => rmSync(workshop, { recursive: true, force: true }))
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await ingest.close()
})

async function startRelay(queue: string | undefined) {
  const child = fork(script, { env: { ...process.env, INGEST: ingest.url, QUEUE: queue ?? '' } })
  children.push(child)
  const [port] = (await once(child, 'message')) as [number]
  return {
    async post(records: readonly unknown[]): Promise<RelayAnswer> {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        body: envelope(records),
        headers: { 'content-type': 'text/plain' },
      })
      expect(response.status).toBe(200)
      return (await response.json()) as RelayAnswer
    },
    async kill() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    async look() {
      child.send('look')
      const [seen] = (await once(child, 'message')) as [{ heapUsed: number; stats: { pending: number } }]
      return seen
    },
  }
}

let made = 0
const batch = (count: number) =>
  Array.from({ length: count }, () =>
    event({ event_id: `event-${++made}`, properties: { text: 'x'.repeat(made % 1_000) } }),
  )

const arrived = () => new Set(ingest.events().map(({ eventId }) => eventId))

/** Until all of these are there: an acceptance is a promise. */
async function expectArrived(ids: Iterable<string>) {
  const missing = () => {
    const there = arrived()
    return [...ids].filter((id) => !there.has(id))
  }
  for (let tries = 0; tries < 200 && missing().length > 0; tries++) await sleep(50)
  expect(missing()).toEqual([])
}

/** Sends from three pages at once until an answer with acceptances was `afterMs` ago, then kills. */
async function killAfterAnswer(relay: Awaited<ReturnType<typeof startRelay>>, afterMs: number, accepted: Set<string>) {
  let isKilled = false
  let answered = () => {}
  const first = new Promise<void>((resolve) => (answered = resolve))
  const page = async () => {
    while (!isKilled) {
      const records = batch(1 + (made % 7))
      try {
        const answer = await relay.post(records)
        for (const { id, body } of records)
          if (answer.accepted.includes(id)) accepted.add((body as { event_id: string }).event_id)
        if (answer.accepted.length > 0) answered()
      } catch {
        // No answer: no promise.
        return
      }
    }
  }
  const pages = [page(), page(), page()]
  await first
  if (afterMs > 0) await sleep(afterMs)
  isKilled = true
  await relay.kill()
  await Promise.all(pages)
}

const delays = [0, 0, 1, 2, 5, 10, 20, 35, 50]

describe('a relay that is killed after its answers', () => {
  it('with fileQueue: nothing that was accepted is missing, also when the backend was down', async () => {
    ingest = await startIngestServer()
    const queue = join(workshop, 'queue')
    const accepted = new Set<string>()
    for (const [round, afterMs] of delays.entries()) {
      ingest.fault(round % 2 === 0 ? 'status' : 'ok', { status: 503 })
      await killAfterAnswer(await startRelay(queue), afterMs, accepted)
    }
    ingest.fault('ok')
    await startRelay(queue)
    await expectArrived(accepted)
    expect(accepted.size).toBeGreaterThan(delays.length)
  })

  it('without: what was accepted was delivered before', async () => {
    ingest = await startIngestServer()
    const accepted = new Set<string>()
    for (const afterMs of delays) {
      await killAfterAnswer(await startRelay(undefined), afterMs, accepted)
      const there = arrived()
      expect([...accepted].filter((id) => !there.has(id))).toEqual([])
    }
    expect(accepted.size).toBeGreaterThan(delays.length)
  })
})

describe('a relay under load', () => {
  it('loses nothing while the backend comes and goes, and keeps its heap', async () => {
    ingest = await startIngestServer()
    const relay = await startRelay(join(workshop, 'load'))
    await relay.post(batch(10))
    const before = await relay.look()
    const accepted = new Set<string>()
    const waits: number[] = []
    const requests: Promise<void>[] = []
    for (let turn = 0; turn < 200; turn++) {
      if (turn % 50 === 0) ingest.fault(turn % 100 === 0 ? 'reset' : 'ok')
      const records = batch(10)
      const from = performance.now()
      requests.push(
        relay.post(records).then((answer) => {
          waits.push(performance.now() - from)
          expect(answer).toMatchObject({ rejected: [] })
          for (const { id, body } of records)
            if (answer.accepted.includes(id)) accepted.add((body as { event_id: string }).event_id)
        }),
      )
      await sleep(10)
    }
    await Promise.all(requests)
    ingest.fault('ok')
    expect(accepted.size).toBe(2_000)
    await expectArrived(accepted)
    const after = await relay.look()
    expect(after.heapUsed - before.heapUsed).toBeLessThan(50_000_000)
    // Milliseconds, not the seconds that a backend takes to come back.
    expect(waits.sort((a, b) => a - b)[100]).toBeLessThan(100)
  })
})

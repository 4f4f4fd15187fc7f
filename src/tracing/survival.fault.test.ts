import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIngestServer } from 'raindrop-js/testing'
import { createTracing } from 'raindrop-js/tracing'
import { fileQueue, Raindrop } from 'raindrop-js'
import { sentSpans } from '../../test/support/sent-spans.js'

const workshop = mkdtempSync(join(tmpdir(), 'raindrop-spans-'))
const root = new URL('../..', import.meta.url).pathname
const sdk = join(workshop, 'sdk.mjs')
const SPANS = 1_000
const folder = () => join(mkdtempSync(join(workshop, 'queue-')), 'queue')

beforeAll(async () => {
  await build({
    stdin: {
      contents: `export * from './src/node/index.ts'; export * from './src/tracing/bundled.ts'`,
      resolveDir: root,
    },
    outfile: sdk,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`,
    },
  })
})
afterAll(() => rmSync(workshop, { recursive: true, force: true }))

/** A port on which nothing listens, until somebody does. */
async function freePort(): Promise<number> {
  const server = await startIngestServer()
  await server.close()
  return server.port
}

/** Half through OpenTelemetry, half past it. */
function makeSpans(raindrop: Raindrop): void {
  const interaction = raindrop.begin({ event: 'chat', userId: 'u', eventId: 'e' })
  for (let n = 0; n < SPANS / 2; n++)
    interaction.withTask(`task ${n}`, () => interaction.withTool(`tool ${n}`, () => n))
}

function expectAll(requests: Parameters<typeof sentSpans>[0]): void {
  const spans = sentSpans(requests)
  expect(spans).toHaveLength(SPANS)
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(SPANS)
  expect(new Set(spans.map(({ name }) => name)).size).toBe(SPANS)
}

/** Runs `body` in a process of its own. */
async function run(body: string): Promise<void> {
  const script = join(mkdtempSync(join(workshop, 'run-')), 'script.mjs')
  writeFileSync(
    script,
    `import { Raindrop, createTracing, fileQueue } from ${JSON.stringify(sdk)}\nconst SPANS = ${SPANS}\n${makeSpans}\n${body}`,
  )
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  expect([code, said]).toEqual([0, ''])
}

describe('spans survive', () => {
  it.each(['memory', 'fileQueue'] as const)('an ingest that is down while they are made (%s)', async (storage) => {
    const port = await freePort()
    const raindrop = new Raindrop({
      writeKey: 'k',
      endpoint: `http://127.0.0.1:${port}/v1/`,
      storage: storage === 'memory' ? 'memory' : fileQueue(folder()),
      tracing: createTracing(),
      onError: () => undefined,
    })
    makeSpans(raindrop)
    expect(await raindrop.flush({ timeoutMs: 300 })).toMatchObject({ delivered: 0, pending: SPANS + 1 })
    const ingest = await startIngestServer({ port })
    expect(await raindrop.flush()).toMatchObject({ delivered: SPANS + 1, pending: 0 })
    expectAll(ingest.requests)
    expect(raindrop.stats()).toMatchObject({ tracked: SPANS + 1, delivered: SPANS + 1, pending: 0 })
    await raindrop.shutdown()
    await ingest.close()
  })

  it('the end of the process by process.exit(), with fileQueue', async () => {
    const directory = folder()
    const port = await freePort()
    const options = `{ writeKey: 'k', endpoint: 'http://127.0.0.1:${port}/v1/', storage: fileQueue(${JSON.stringify(directory)}), tracing: createTracing(), onError: () => undefined }`
    await run(`makeSpans(new Raindrop(${options})); process.exit(0)`)
    const ingest = await startIngestServer({ port })
    // The next process takes over what the last one left.
    const next = new Raindrop({ writeKey: 'k', endpoint: ingest.url, storage: fileQueue(directory) })
    await next.flush()
    expectAll(ingest.requests)
    await next.shutdown()
    await ingest.close()
  })

  it('the natural end of a script that never flushes', async () => {
    const ingest = await startIngestServer()
    await run(
      `makeSpans(new Raindrop({ writeKey: 'k', endpoint: ${JSON.stringify(ingest.url)}, tracing: createTracing() }))`,
    )
    expectAll(ingest.requests)
    await ingest.close()
  })

  it('answers that are lost: repeated with the same ids', async () => {
    const ingest = await startIngestServer()
    const raindrop = new Raindrop({
      writeKey: 'k',
      endpoint: ingest.url,
      tracing: createTracing(),
      onError: () => undefined,
    })
    ingest.fault('reset', { times: 2 })
    makeSpans(raindrop)
    await raindrop.shutdown()
    expect(new Set(sentSpans(ingest.requests).map(({ spanId }) => spanId)).size).toBe(SPANS)
    await ingest.close()
  })
})

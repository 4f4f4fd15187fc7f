import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startIngestServer, type IngestServer } from 'raindrop-js/testing'
import { fileQueue, Raindrop } from './index.js'

const workshop = mkdtempSync(join(tmpdir(), 'raindrop-process-'))
const bundle = join(workshop, 'raindrop.mjs')
let ingest: IngestServer
let directory = ''
let scripts = 0
const children = new Set<ReturnType<typeof spawn>>()

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'index.ts')],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  })
})
afterAll(() => rmSync(workshop, { recursive: true, force: true }))
beforeEach(async () => {
  ingest = await startIngestServer()
  directory = mkdtempSync(join(workshop, 'queue-'))
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  await ingest.close()
})

/** Runs a program in a process of its own. `open()` in it makes a client; each line that it prints is a word to the test. */
function run(program: string, options: { args?: readonly string[] } = {}) {
  const script = join(workshop, `script-${++scripts}.mjs`)
  writeFileSync(
    script,
    `import { writeSync } from 'node:fs'
    import { fileQueue, Raindrop } from ${JSON.stringify(bundle)}
    const say = (word) => writeSync(1, word + '\\n')
    const open = (options = {}) => new Raindrop({ writeKey: 'rk', endpoint: ${JSON.stringify(ingest.url)}, userId: 'u', onError() {}, ...options })
    const stored = () => ({ storage: fileQueue(${JSON.stringify(directory)}) })
    const track = (client, count = 20, name = 'e') => { for (let n = 0; n < count; n++) client.trackAi({ event: 'chat', eventId: name + n, input: 'x' }) }
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    ${program}`,
  )
  const from = performance.now()
  const child = spawn(process.execPath, [...(options.args ?? []), script], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  const waiting: Array<() => void> = []
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    for (const wake of waiting.splice(0)) wake()
  })
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const wake of waiting.splice(0)) wake()
    return {
      code: code as number | null,
      signal: signal as string | null,
      tookMs: performance.now() - from,
      errors,
      output,
    }
  })
  const said = async (word: string): Promise<void> => {
    while (!output.split('\n').includes(word)) {
      if (child.exitCode !== null) throw new Error(`ended without saying ${word}: ${errors}`)
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return { child, ended, said }
}

/** What the next process finds and sends. */
async function restart(): Promise<number> {
  ingest.fault('ok')
  const raindrop = new Raindrop({
    writeKey: 'rk',
    endpoint: ingest.url,
    storage: fileQueue(directory),
    onError: () => undefined,
  })
  const { delivered, pending } = await raindrop.flush()
  expect(pending).toBe(0)
  await raindrop.shutdown()
  return delivered
}

const arrived = () => ingest.events().map(({ eventId }) => eventId)

describe.each(['open()', 'open(stored())'])('a process with %s', (client) => {
  it('that only tracks and ends delivers everything, and lives no longer than that takes', async () => {
    const bare = run(
      `await fetch(${JSON.stringify(ingest.url)}, { method: 'POST', body: '[]' }).then((answer) => answer.text())`,
    )
    const { tookMs: bareMs } = await bare.ended
    const { code, tookMs, errors } = await run(
      `const client = ${client}; track(client, 250); client.begin({ event: 'chat', eventId: 'i', input: 'x' })`,
    ).ended
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(arrived()).toHaveLength(251)
    expect(tookMs - bareMs).toBeLessThan(1_000)
    expect(await restart()).toBe(0)
  })

  it('sends what is unfinished as pending, as it stood', async () => {
    await run(`
      const client = ${client}
      const interaction = client.begin({ event: 'chat', eventId: 'i', input: 'Hi' })
      interaction.appendOutput('Hel')
      interaction.setProperty('stage', 'answering')`).ended
    expect(ingest.events()).toMatchObject([
      {
        eventId: 'i',
        pending: true,
        body: { ai_data: { input: 'Hi', output: 'Hel' }, properties: { stage: 'answering' } },
      },
    ])
  })

  it('is delivered to by shutdown(), which ends it', async () => {
    const { code, tookMs } = await run(
      `const client = ${client}; track(client); setTimeout(() => undefined, 0); console.log((await client.shutdown()).delivered)`,
    ).ended
    expect({ code, count: arrived().length }).toEqual({ code: 0, count: 20 })
    expect(tookMs).toBeLessThan(5_000)
  })

  it('ends at most 500 ms after the deadline of shutdown()', async () => {
    ingest.fault('hang')
    const { output } = await run(`
      const client = ${client}
      track(client)
      const from = performance.now()
      await client.shutdown({ timeoutMs: 800 })
      say(String(Math.round(performance.now() - from)))`).ended
    expect(Number(output)).toBeGreaterThanOrEqual(799)
    expect(Number(output)).toBeLessThan(1_300)
  })

  it('leaves an uncaught throw what it is', async () => {
    const { code, errors } = await run(`track(${client}); throw new Error('mine')`).ended
    expect(code).toBe(1)
    expect(errors).toContain('mine')
    expect(errors).not.toContain('[raindrop]')
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('dies by %s', async (signal) => {
    const { child, said, ended } = run(`track(${client}); setInterval(() => undefined, 1_000); say('ready')`)
    await said('ready')
    child.kill(signal)
    expect(await ended).toMatchObject({ code: null, signal })
  })

  it('with 20 clients gives no warning about listeners', async () => {
    const { errors } = await run(`for (let n = 0; n < 20; n++) track(${client}, 1, 'c' + n + '-')`).ended
    expect(errors).toBe('')
    expect(arrived()).toHaveLength(20)
  })
})

// Ten seconds of waiting; what is over is the start of six processes on a busy machine.
it(
  'a process gives up within 15 s of its start where the ingest hangs, also when it hung before',
  { timeout: 30_000 },
  async () => {
    ingest.fault('hang')
    const ends = ['open()', 'open(stored())'].flatMap((client) => [
      [0, run(`track(${client})`)] as const,
      [0, run(`const client = ${client}; track(client, 20, 'a'); await sleep(0); track(client, 300, 'b')`)] as const,
      [
        1_500,
        run(`const client = ${client}; track(client, 20, 'c'); await sleep(1_500); track(client, 20, 'd')`),
      ] as const,
    ])
    for (const [naturalEndMs, { ended }] of ends) {
      const { code, tookMs } = await ended
      expect(code).toBe(0)
      expect(tookMs - naturalEndMs).toBeLessThan(15_000)
    }
  },
)

describe('with fileQueue nothing is lost', () => {
  beforeEach(() => ingest.fault('hang'))

  const moments = [
    ['at once', ''],
    ['in a microtask', 'await null;'],
    ['in the next turn', 'await new Promise(setImmediate);'],
    ['after 1 ms', 'await sleep(1);'],
    ['after 30 ms', 'await sleep(30);'],
    ['during a request', 'void client.flush(); await sleep(100);'],
  ] as const

  it.each(moments)('by process.exit(), %s', async (_name, wait) => {
    const { code } = await run(`
      const client = open(stored())
      track(client, 30)
      client.begin({ event: 'chat', eventId: 'i', input: 'Hi' }).appendOutput('Hello')
      ${wait}
      track(client, 5, 'late')
      process.exit(7)`).ended
    expect(code).toBe(7)
    expect(await restart()).toBe(36)
    expect(ingest.events().find(({ eventId }) => eventId === 'i')?.body.ai_data).toEqual({
      input: 'Hi',
      output: 'Hello',
    })
  })

  it.each(['throw new Error("mine")', 'Promise.reject(new Error("mine"))'])('by %s', async (end) => {
    await run(`const client = open(stored()); track(client, 30); ${end}`).ended
    expect(await restart()).toBe(30)
  })

  it.each(
    moments.flatMap(([name, wait]) => (['SIGTERM', 'SIGINT'] as const).map((signal) => [signal, name, wait] as const)),
  )('by %s, %s', async (signal, _name, wait) => {
    const { ended } = run(`
        const client = open(stored())
        setInterval(() => undefined, 1_000)
        track(client, 30)
        client.begin({ event: 'chat', eventId: 'i', input: 'Hi' })
        ${wait}
        track(client, 5, 'late')
        process.kill(process.pid, ${JSON.stringify(signal)})`)
    expect(await ended).toMatchObject({ signal })
    // The interaction was waiting for more: only the signal sent it to the disk.
    expect(await restart()).toBe(36)
  })

  it('by SIGKILL, of what persist() promised', async () => {
    const { child, said, ended } = run(`
      const client = open(stored())
      track(client, 500)
      client.begin({ event: 'chat', eventId: 'i', input: 'Hi' })
      say(await client.persist())
      setInterval(() => undefined, 1_000)`)
    await said('file')
    child.kill('SIGKILL')
    expect(await ended).toMatchObject({ signal: 'SIGKILL' })
    expect(await restart()).toBe(501)
  })

  it('by SIGKILL in the middle of a flush', async () => {
    ingest.fault('slow', { delayMs: 60 })
    const { child, said, ended } = run(`
      const client = open({ ...stored(), onDelivery: () => say('delivered') })
      track(client, 800)
      await client.persist()
      await client.flush()`)
    await said('delivered')
    child.kill('SIGKILL')
    await ended
    await restart()
    expect(arrived()).toHaveLength(800)
  })

  it('by a natural end against an ingest that is down', { timeout: 30_000 }, async () => {
    ingest.fault('status', { status: 503 })
    const { code, tookMs } = await run(`track(open(stored()), 30)`).ended
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(12_000)
    expect(await restart()).toBe(30)
  })

  it('by a process that tracked while what came before was refused, over three starts', async () => {
    ingest.fault('status', { status: 401 })
    for (const name of ['a', 'b', 'c'])
      await run(`const client = open(stored()); track(client, 10, '${name}'); await client.flush(); process.exit()`)
        .ended
    expect(await restart()).toBe(30)
  })

  it('with two clients in one process, whatever the signal', async () => {
    const { ended } = run(`
      setInterval(() => undefined, 1_000)
      for (const name of ['a', 'b']) {
        const client = open(stored())
        track(client, 10, name)
        client.begin({ event: 'chat', eventId: name, input: 'Hi' })
      }
      process.kill(process.pid, 'SIGTERM')`)
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
    expect(await restart()).toBe(22)
  })
})

describe('a signal', () => {
  it('is left to an app that listens itself', async () => {
    const { ended } = run(`
      const client = open(stored())
      track(client, 10)
      process.on('SIGTERM', async () => {
        await sleep(200)
        track(client, 10, 'while ending')
        await client.shutdown()
        say('app decides')
        process.exit(3)
      })
      setInterval(() => undefined, 1_000)
      process.kill(process.pid, 'SIGTERM')`)
    expect(await ended).toMatchObject({ code: 3, signal: null, output: 'app decides\n' })
    expect(arrived().toSorted()).toEqual([...names('e'), ...names('while ending')].toSorted())
  })

  it('kills a process whose clients come from two copies of the package', async () => {
    const { ended } = run(`
      const copy = await import(${JSON.stringify(bundle)} + '?copy')
      const second = new copy.Raindrop({ writeKey: 'rk', endpoint: ${JSON.stringify(ingest.url)}, userId: 'u', storage: copy.fileQueue(${JSON.stringify(directory)}) })
      track(open(stored()), 10, 'a')
      track(second, 10, 'b')
      setInterval(() => undefined, 1_000)
      process.kill(process.pid, 'SIGTERM')`)
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
    expect(await restart()).toBe(20)
  })

  it('with flushOnSignals is a flush first, and then the death by it', async () => {
    const { ended } = run(`
      const client = open({ flushOnSignals: true })
      track(client, 30)
      client.begin({ event: 'chat', eventId: 'i', input: 'Hi' })
      setInterval(() => undefined, 1_000)
      process.kill(process.pid, 'SIGTERM')`)
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
    expect(arrived()).toHaveLength(31)
  })

  it('with flushOnSignals takes 2 s at most, and a second one ends it at once', async () => {
    ingest.fault('hang')
    const program = `
      track(open({ flushOnSignals: true }), 30)
      setInterval(() => undefined, 1_000)
      say('ready')`
    const once = run(program)
    const twice = run(program)
    await Promise.all([once.said('ready'), twice.said('ready')])
    const from = performance.now()
    for (const { child } of [once, twice]) child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 300))
    twice.child.kill('SIGTERM')
    expect(await twice.ended).toMatchObject({ signal: 'SIGTERM' })
    expect(performance.now() - from).toBeLessThan(1_500)
    expect(await once.ended).toMatchObject({ signal: 'SIGTERM' })
    const tookMs = performance.now() - from
    expect(tookMs).toBeGreaterThan(1_000)
    expect(tookMs).toBeLessThan(3_000)
  })

  it('with flushOnSignals and fileQueue keeps on disk what could not be sent, and what came during the flush', async () => {
    ingest.fault('hang')
    const { ended } = run(`
      const client = open({ ...stored(), flushOnSignals: true })
      track(client, 10)
      setInterval(() => undefined, 1_000)
      setTimeout(() => track(client, 5, 'late'), 300)
      process.kill(process.pid, 'SIGTERM')`)
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
    expect(await restart()).toBe(15)
  })

  it('is nothing that a client without fileQueue and flushOnSignals listens to', async () => {
    const { output } = await run(
      `track(open()); say(String(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')))`,
    ).ended
    expect(output).toBe('0\n')
  })

  it('is no longer listened to after shutdown()', async () => {
    const { output } = await run(`
      const events = ['SIGTERM', 'SIGINT', 'exit', 'beforeExit']
      const count = () => events.map((event) => process.listenerCount(event)).join()
      const before = count() + process.getMaxListeners()
      const client = open(stored())
      track(client)
      await client.shutdown()
      say(String(before === count() + process.getMaxListeners()))`).ended
    expect(output).toBe('true\n')
  })
})

const names = (name: string, count = 10) => Array.from({ length: count }, (_, index) => `${name}${index}`)

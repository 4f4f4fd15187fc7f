import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The demo as `npm run demo` starts it, on free ports, with data and documentation of its own. */
export interface Demo {
  url: string
  ingestUrl: string
  /** Resolves once it has printed its addresses. */
  start(): Promise<void>
  /** As Ctrl+C does it. */
  stop(): Promise<void>
  /** Stops it and forgets its data. */
  dispose(): Promise<void>
}

const startScript = resolve(import.meta.dirname, '../demo/start.mjs')

const pages = {
  'README.md': '# Raindrop\n\nOne SDK for the server and for the browser.\n',
  'docs/streams.md':
    '# Streams\n\n## Track a streamed answer\n\nPass the stream through `trackStream`: it goes on unchanged, and the interaction is finished with what went by.\n',
  'docs/delivery.md': '# Delivery\n\n## Outage\n\nEvents stay queued while the server is down.\n',
}

export async function createDemo(extraEnv: Record<string, string> = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'raindrop-e2e-'))
  mkdirSync(join(folder, 'docs'))
  for (const [file, text] of Object.entries(pages)) writeFileSync(join(folder, file), text)
  const [port, ingestPort] = [await freePort(), await freePort()]
  const env = {
    ...process.env,
    PORT: String(port),
    INGEST_PORT: String(ingestPort),
    RAINDROP_DATA_DIR: join(folder, 'data'),
    DEMO_DOCS_ROOT: folder,
    DATABASE_URL: '',
    OPENAI_API_KEY: '',
    OPENAI_BASE_URL: '',
    ...extraEnv,
  }
  let child: ChildProcess | undefined

  const start = async () => {
    child = spawn(process.execPath, [startScript], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    await printed(child, 'Stop with Ctrl+C')
  }
  const stop = async () => {
    if (!child || child.exitCode !== null) return
    const ended = new Promise((done) => child?.once('exit', done))
    child.kill('SIGTERM')
    await ended
  }
  return {
    url: `http://localhost:${port}`,
    ingestUrl: `http://127.0.0.1:${ingestPort}`,
    start,
    stop,
    async dispose() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((done, fail) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes(text)) done()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => fail(new Error(`The demo ended with exit code ${code}:\n${output}`)))
  })
}

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
  })

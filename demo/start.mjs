import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { buildApp, bundleIngest, checkPackage, checkWritable } from './start/build.mjs'
import { StartError } from './start/errors.mjs'
import { choosePort } from './start/ports.mjs'
import { createProcesses } from './start/processes.mjs'
import { waitForAnswer } from './start/wait.mjs'

const here = import.meta.dirname
const root = resolve(here, '..')
const isDev = process.argv.includes('--dev')
const nextCli = createRequire(import.meta.url).resolve('next/dist/bin/next')

const processes = createProcesses()

async function start() {
  await checkPackage()
  await checkWritable(here)
  const host = process.env.DEMO_HOST || '127.0.0.1'
  const ingestPort = await choosePort('INGEST_PORT', 8787)
  const port = await choosePort('PORT', 3000, [ingestPort])
  const ingestUrl = `http://127.0.0.1:${ingestPort}`
  // The AI SDK refuses an OPENAI_BASE_URL that is set and empty; here it means "none".
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
  const shared = {
    ...given,
    NEXT_TELEMETRY_DISABLED: '1',
    // The chat writes with a key that the ingest takes.
    RAINDROP_WRITE_KEY: process.env.RAINDROP_WRITE_KEY || given.RAINDROP_WRITE_KEYS?.split(/[\s,]+/)[0] || 'demo-key',
    RAINDROP_ENDPOINT: `${ingestUrl}/v1/`,
    RAINDROP_DATA_DIR: process.env.RAINDROP_DATA_DIR || resolve(root, '.data'),
    DEMO_DOCS_ROOT: process.env.DEMO_DOCS_ROOT || root,
    INGEST_URL: ingestUrl,
    INGEST_PORT: String(ingestPort),
  }

  // The ingest first: what is wrong with the data shows before the long build.
  const ingest = await bundleIngest(here)
  processes.run('ingest', ['--enable-source-maps', ingest], { cwd: root, env: shared })
  await waitForAnswer(`${ingestUrl}/health`, processes)

  if (!isDev) await buildApp({ directory: here, nextCli, env: shared, processes })
  const command = isDev ? 'dev' : 'start'
  processes.run('chat', [nextCli, command, here, '--port', String(port), '--hostname', host], {
    cwd: here,
    env: shared,
  })
  const url = `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`
  await waitForAnswer(`http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}/`, processes)

  console.log(`
  Chat       ${url}
  Inspector  ${url}/inspector
  Ingest     ${ingestUrl}/v1/

  Stop with Ctrl+C. What arrived is kept in ${shared.DATABASE_URL ? 'the database of DATABASE_URL' : shared.RAINDROP_DATA_DIR}.
`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void processes.stop(0))

start().catch((error) => {
  console.error(error instanceof StartError ? `\n${error.message}\n` : error)
  void processes.stop(1)
})

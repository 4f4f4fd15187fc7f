// The ingest of the demo as `npm run demo` runs it, with data of its own. For ingest.mjs and inspector.mjs.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const demo = fileURLToPath(new URL('../demo', import.meta.url))

/** Into the demo's cache folder: from there packages are found as the demo finds them. */
async function bundle(name) {
  const outfile = join(demo, '.cache', `bench-${name}.mjs`)
  const entryPoints = [join(demo, 'ingest', `${name}.ts`)]
  await build({
    entryPoints,
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  return outfile
}

/** Resolves once it answers. `restart` keeps the data, `stop` forgets it, `cpuSeconds` is what the process has used. */
export async function startIngest(env = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'raindrop-ingest-bench-'))
  const file = await bundle('server')
  const start = () => run(file, { RAINDROP_DATA_DIR: directory, ...env })
  let running = await start()
  return {
    url: () => running.url,
    cpuSeconds: () => cpuSeconds(running.child.pid),
    /** What PGlite has on disk, its log of changes left out. */
    bytes: () => bytesIn(join(directory, 'ingest', 'base')),
    async restart() {
      await end(running.child)
      running = await start()
    },
    async stop() {
      await end(running.child)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A PostgreSQL of its own with the settings that it comes with; undefined where this machine has none. */
export async function startDatabase() {
  const { findPostgres, startPostgres } = await import(await bundle('test-postgres'))
  const binaries = findPostgres()
  return binaries && startPostgres(binaries, { isDurable: true })
}

function run(file, env) {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, INGEST_PORT: '0', DATABASE_URL: '', RAINDROP_WRITE_KEYS: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The ingest ended with exit code ${code}.`)))
    child.stdout.on('data', (chunk) => {
      const url = /http:\/\/[\d.]+:\d+/.exec(chunk.toString())?.[0]
      // As the start script does: it is there when it answers.
      if (url) fetch(`${url}/health`).then(() => resolve({ child, url }), reject)
    })
  })
}

async function end(child) {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

const bytesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

/** User and system time, in the hundredths of a second that Linux counts in; NaN elsewhere. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}

import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from './errors.mjs'

/** The demo uses the built package, like every user of it. */
export async function checkPackage() {
  try {
    await Promise.all([import('raindrop-js'), import('raindrop-js/testing')])
  } catch (cause) {
    throw new StartError(`raindrop-js is not built (${cause.message}). Run "npm run build" in the repository first.`)
  }
}

/** The pages and the ingest are built into the demo's own folder. */
export async function checkWritable(directory) {
  const probe = join(directory, '.cache', 'writable')
  try {
    await mkdir(join(directory, '.cache'), { recursive: true })
    await writeFile(probe, '')
    await rm(probe)
  } catch ({ code }) {
    throw new StartError(
      `${directory} cannot be written (${code}), and the demo is built there. Make it writable for this user, or copy the repository to a folder that is.`,
    )
  }
}

/** One file of plain JavaScript, in milliseconds; packages stay where they are. Returns its path. */
export async function bundleIngest(directory) {
  const { build } = await import('esbuild')
  const outfile = join(directory, '.cache', 'ingest.mjs')
  await build({
    entryPoints: [join(directory, 'ingest', 'server.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'error',
  })
  return outfile
}

/** Everything that the built pages are made from. */
const sources = [
  'app',
  'components',
  'server',
  'ingest',
  'instrumentation.ts',
  'next.config.mjs',
  'package.json',
  'tsconfig.json',
]

/** Builds the pages, unless the build that is there was made from the same files. */
export async function buildApp({ directory, nextCli, env, processes }) {
  const stamp = join(directory, '.next', 'demo-build')
  const hash = await hashOf(directory)
  if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return
  console.log('Building the pages. It takes half a minute, and only when something changed.')
  const isBuilt = await processes.complete('build', [nextCli, 'build', directory], { cwd: directory, env })
  if (processes.isStopping()) await new Promise(() => undefined)
  if (!isBuilt) throw new StartError('The pages could not be built. What is printed above says why.')
  await mkdir(join(directory, '.next'), { recursive: true })
  await writeFile(stamp, hash)
}

async function hashOf(directory) {
  const dist = fileURLToPath(new URL('.', import.meta.resolve('raindrop-js')))
  const next = JSON.parse(await readFile(fileURLToPath(import.meta.resolve('next/package.json')), 'utf8'))
  const hash = createHash('sha256').update(next.version)
  for (const path of [...sources.map((source) => join(directory, source)), dist]) {
    for (const file of await filesIn(path)) hash.update(file.slice(path.length)).update(await readFile(file))
  }
  return hash.digest('hex')
}

async function filesIn(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null)
  if (!entries) return [path]
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

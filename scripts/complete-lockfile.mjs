/**
 * Adds to package-lock.json the binaries of other platforms that npm leaves out when the registry in use does not mirror them. Without
 * their entries `npm ci` refuses the lockfile that `npm install` has just written (npm/cli#9846). Their versions are pinned by the
 * package that names them, so nothing has to be looked up. Run it after `npm install <package>` when test/lockfile.test.ts says so.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './run.mjs'

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'sunos', 'netbsd', 'openbsd', 'aix']
const processors = ['arm64', 'x64', 'arm', 'ppc64', 'riscv64', 's390x', 'ia32', 'loong64', 'mips64el', 'wasm32']

/** Whether `name`, required from the package at `path`, has an entry: beside it or in any node_modules above. */
function isLocked(packages, path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${base ? `${base}/` : ''}node_modules/${name}`]) return true
    if (base === '') return false
  }
}

/** Optional dependencies without an entry, as [name, version, package that names them]. */
export function missingBinaries({ packages }) {
  return Object.entries(packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, path, name))
      .map(([name, version]) => [name, version, parent]),
  )
}

/** What the platform is can be read from the name: `@rollup/rollup-linux-arm64-musl`. */
function entry(name, version, parent) {
  const tokens = name.split(/[/-]/)
  const os = systems.find((system) => tokens.includes(system))
  const cpu = processors.find((processor) => tokens.includes(processor))
  if (!os && cpu !== 'wasm32') throw new Error(`${name}: the name does not say for which platform it is.`)
  const libc = tokens.find((token) => /^(gnu|musl)/.test(token))?.startsWith('musl') ? 'musl' : 'glibc'
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(parent.dev && { dev: true }),
    ...(os === 'linux' && { libc: [libc] }),
    optional: true,
    ...(os && { os: [os] }),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingBinaries(lock)
  for (const [name, version, parent] of missing) lock.packages[`node_modules/${name}`] = entry(name, version, parent)
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} entries added.`)
}

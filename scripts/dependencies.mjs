import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'

const packagesIn = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages

/** Compared by content, not by date: a fresh clone and a branch switch both touch the lockfile without changing it. */
function isCurrent() {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return false
  const installed = packagesIn('node_modules/.package-lock.json')
  return Object.entries(packagesIn('package-lock.json')).every(
    ([path, wanted]) =>
      // Optional ones are the binaries of other platforms; links are the workspaces.
      !path.includes('node_modules/') || wanted.optional || wanted.link || installed[path]?.version === wanted.version,
  )
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Error(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`)
}

/** Installs what package-lock.json asks for and node_modules does not have. */
export async function ensureInstalled() {
  requireNode()
  if (isCurrent()) return
  console.log('Installing dependencies …')
  // Not `ci`: it deletes node_modules first, which another terminal may be using. Both take the versions of the lockfile.
  const code = await run('npm', ['install', '--no-save', '--no-audit', '--no-fund'])
  if (code !== 0)
    throw new Error(`npm could not install the dependencies (exit code ${code}). Is the registry reachable?`)
}

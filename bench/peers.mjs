import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Contestant → package and version. */
export const PEERS = {
  'raindrop-ai': { name: 'raindrop-ai', version: '0.1.7' },
  'posthog-node': { name: 'posthog-node', version: '5.70.0' },
  segment: { name: '@segment/analytics-node', version: '3.1.0' },
  langfuse: { name: 'langfuse', version: '3.39.2' },
}

const home = fileURLToPath(new URL('.peers/', import.meta.url))

function isInstalled({ name, version }) {
  const manifest = `${home}node_modules/${name}/package.json`
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version
}

/** Installs the peers where they are missing or of another version. They never touch the package's own dependencies. */
export function ensurePeers() {
  const peers = Object.values(PEERS)
  if (peers.every(isInstalled)) return
  console.log('Installing the SDKs to compare with …')
  mkdirSync(home, { recursive: true })
  const dependencies = Object.fromEntries(peers.map(({ name, version }) => [name, version]))
  writeFileSync(`${home}package.json`, JSON.stringify({ private: true, dependencies }, undefined, 2))
  // Bare names resolve from here, for the ESM builds.
  writeFileSync(`${home}load.mjs`, 'export const load = (name) => import(name)\n')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: home, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm could not install the peers (exit code ${status}). Is the registry reachable?`)
}

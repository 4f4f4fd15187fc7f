import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Contestant → package and version. The newest whose dependencies were all to be had on the day of the measurement. */
export const PEERS = {
  'raindrop-browser-sdk': { name: '@raindrop-ai/browser-sdk', version: '0.0.2' },
  langfuse: { name: 'langfuse', version: '3.39.2' },
  sentry: { name: '@sentry/browser', version: '11.12.0' },
  amplitude: { name: '@amplitude/analytics-browser', version: '2.47.0' },
  segment: { name: '@segment/analytics-next', version: '1.84.3' },
  posthog: { name: 'posthog-js', version: '1.434.18' },
  snowplow: { name: '@snowplow/browser-tracker', version: '4.10.1' },
}

const home = fileURLToPath(new URL('.peers/', import.meta.url))

/** Where bundles look for what a contestant imports by name. */
export const PEER_MODULES = `${home}node_modules`

function isInstalled({ name, version }) {
  const manifest = `${PEER_MODULES}/${name}/package.json`
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version
}

/** Installs the peers where they are missing or of another version. They never touch the package's own dependencies. */
export function ensurePeers() {
  const peers = Object.values(PEERS)
  if (peers.every(isInstalled)) return
  console.log('Installing the browser SDKs to compare with …')
  mkdirSync(home, { recursive: true })
  const dependencies = Object.fromEntries(peers.map(({ name, version }) => [name, version]))
  writeFileSync(`${home}package.json`, JSON.stringify({ private: true, dependencies }, undefined, 2))
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: home, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm could not install the peers (exit code ${status}). Is the registry reachable?`)
}

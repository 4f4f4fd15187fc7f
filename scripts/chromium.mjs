import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync)

/** Ubuntu's `chromium-browser` may be a stub that only names a snap package: what cannot say its version is no browser. */
function works(path) {
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}

function playwrightsOwn() {
  try {
    return createRequire(import.meta.url)('@playwright/test').chromium.executablePath()
  } catch {
    // Playwright is not installed, or knows no browser for this platform.
    return undefined
  }
}

/** The path of a Chromium that starts, or undefined. */
export function findChromium() {
  const candidates = [process.env.PLAYWRIGHT_CHROMIUM_PATH, ...names.map(onPath), playwrightsOwn()]
  return candidates.find((path) => path && existsSync(path) && works(path))
}

async function installByApt() {
  if (!onPath('apt-get')) return
  const isRoot = process.getuid?.() === 0
  if (!isRoot && (await run('sudo', ['-n', 'true'], { quiet: true })) !== 0) return
  const apt = (...args) =>
    run(isRoot ? 'apt-get' : 'sudo', isRoot ? args : ['-n', 'apt-get', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  if ((await apt('update', '-q')) === 0) {
    await apt('install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'chromium')
  }
}

/** Finds a Chromium or installs one: by apt where that is allowed, else by Playwright. Resolves with its path. */
export async function ensureChromium() {
  const installers = [installByApt, () => run('playwright', ['install', 'chromium'])]
  let path = findChromium()
  for (const install of installers) {
    if (path) return path
    console.log('No Chromium found: installing one …')
    await install()
    path = findChromium()
  }
  if (path) return path
  throw new Error(
    'Chromium is missing and could not be installed. Install it (Debian: apt-get install chromium) or set PLAYWRIGHT_CHROMIUM_PATH to a Chromium or Chrome.',
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await ensureChromium())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}

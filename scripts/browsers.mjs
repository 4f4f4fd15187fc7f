import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

/**
 * @typedef {{ title: string, variable: string, names: string[], debian: string, playwrights?: string }} Wanted
 * `variable` may name a path, and hands the found one on (e2e/browser-paths.ts). `playwrights`: what Playwright calls its own.
 */

/** @type {Wanted} */
const chromium = {
  title: 'Chromium',
  variable: 'PLAYWRIGHT_CHROMIUM_PATH',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debian: 'chromium',
  playwrights: 'chromium',
}

/** Any that speaks WebDriver BiDi; Playwright's own build does not. @type {Wanted} */
const firefox = {
  title: 'Firefox',
  variable: 'PLAYWRIGHT_FIREFOX_PATH',
  names: ['firefox-esr', 'firefox'],
  debian: 'firefox-esr',
}

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync)

/** Ubuntu's `chromium-browser` and `firefox` may be stubs that only name a snap package: what cannot say its version is no browser. */
function works(path) {
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}

function playwrightsOwn(name) {
  try {
    return name && createRequire(import.meta.url)('@playwright/test')[name].executablePath()
  } catch {
    // Playwright is not installed, or knows no browser for this platform.
    return undefined
  }
}

/** The path of one that starts, or undefined. */
function find({ variable, names, playwrights }) {
  const candidates = [process.env[variable], ...names.map(onPath), playwrightsOwn(playwrights)]
  return candidates.find((path) => path && existsSync(path) && works(path))
}

/** True where the packages of Debian are there now. */
export async function installByApt(...packages) {
  if (!onPath('apt-get')) return false
  const isRoot = process.getuid?.() === 0
  if (!isRoot && (await run('sudo', ['-n', 'true'], { quiet: true })) !== 0) return false
  const apt = (...args) =>
    run(isRoot ? 'apt-get' : 'sudo', isRoot ? args : ['-n', 'apt-get', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
  return (await apt('update', '-q')) === 0 && (await apt('install', ...options, ...packages)) === 0
}

/** Finds one or installs it: by apt where that is allowed, else by Playwright where it can. */
async function findOrInstall(wanted) {
  const installers = [() => installByApt(wanted.debian)]
  if (wanted.playwrights) installers.push(() => run('playwright', ['install', wanted.playwrights]))
  let path = find(wanted)
  for (const install of installers) {
    if (path) return path
    console.log(`No ${wanted.title} found: installing one …`)
    await install()
    path = find(wanted)
  }
  return path
}

const howToGet = ({ debian, variable }) => `Install it (Debian: apt-get install ${debian}) or set ${variable}.`

/** Resolves with the path of a Chromium that starts. */
export async function ensureChromium() {
  const path = await findOrInstall(chromium)
  if (!path) throw new Error(`Chromium is missing and could not be installed. ${howToGet(chromium)}`)
  return path
}

/**
 * Environment that tells Playwright where the browsers are. Without Chromium there is nothing to test in; the tests in Firefox are left out
 * where there is none.
 */
export async function browserEnv() {
  const chromiumPath = await ensureChromium()
  const firefoxPath = await findOrInstall(firefox)
  if (!firefoxPath) console.log(`Firefox is missing: the tests in it are LEFT OUT. ${howToGet(firefox)}`)
  return { [chromium.variable]: chromiumPath, ...(firefoxPath && { [firefox.variable]: firefoxPath }) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await ensureChromium())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}

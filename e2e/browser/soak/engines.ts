import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumPath, firefoxPath } from '../../browser-paths'

/** A browser that is given a URL and nothing else: no automation, so that it is what people use, and a profile outlives it. */
export interface Engine {
  readonly name: string
  /** Resolves with what kills all of its processes at once. */
  start(profile: string, url: string): () => Promise<void>
  prepare(profile: string): Promise<void>
}

function launch(command: string, args: readonly string[], env: Record<string, string> = {}): () => Promise<void> {
  const child = spawn(command, args, { detached: true, stdio: 'ignore', env: { ...process.env, ...env } })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return async () => {
    try {
      // The whole group: a process that lives on could still write.
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
    await ended
  }
}

const nothing = async () => undefined

function chromium(path: string): Engine {
  const flags = [
    '--headless=new',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-quic',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-popup-blocking',
    '--hide-crash-restore-bubble',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
  return {
    name: 'Chromium',
    prepare: nothing,
    start: (profile, url) => launch(path, [...flags, `--user-data-dir=${profile}`, url]),
  }
}

/** A profile of its own asks and fetches a lot before it shows a page. */
const firefoxPreferences = {
  'browser.shell.checkDefaultBrowser': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.disable_open_during_load': false,
  'dom.allow_scripts_to_close_windows': true,
  'toolkit.startup.max_resumed_crashes': -1,
  'app.update.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
}

function firefox(path: string): Engine {
  return {
    name: 'Firefox',
    prepare: (profile) =>
      writeFile(
        join(profile, 'user.js'),
        Object.entries(firefoxPreferences)
          .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
          .join(''),
      ),
    start: (profile, url) => launch(path, ['--headless', '--no-remote', '--profile', profile, url]),
  }
}

async function miniBrowserPath(): Promise<string | undefined> {
  const library = '/usr/lib'
  for (const architecture of await readdir(library).catch(() => []))
    for (const version of ['4.1', '4.0']) {
      const path = join(library, architecture, `webkit2gtk-${version}`, 'MiniBrowser')
      if (existsSync(path)) return path
    }
  return undefined
}

/** WebKitGTK is no Safari: the engine is the same, network and storage are others'. */
function webKitGtk(path: string): Engine {
  return {
    name: 'WebKitGTK',
    prepare: nothing,
    start: (profile, url) =>
      launch('xvfb-run', ['-a', path, '--javascript-can-open-windows-automatically=true', url], {
        HOME: profile,
        XDG_DATA_HOME: join(profile, 'data'),
        XDG_CACHE_HOME: join(profile, 'cache'),
        XDG_CONFIG_HOME: join(profile, 'config'),
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      }),
  }
}

/** Those that this machine has. */
export async function findEngines(): Promise<readonly Engine[]> {
  const [chromiumAt, firefoxAt, miniBrowserAt] = [chromiumPath(), firefoxPath(), await miniBrowserPath()]
  return [
    ...(chromiumAt ? [chromium(chromiumAt)] : []),
    ...(firefoxAt ? [firefox(firefoxAt)] : []),
    ...(miniBrowserAt && existsSync('/usr/bin/xvfb-run') ? [webKitGtk(miniBrowserAt)] : []),
  ]
}

export async function withProfile<T>(engine: Engine, use: (profile: string) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'raindrop-js-soak-'))
  await engine.prepare(profile)
  try {
    return await use(profile)
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

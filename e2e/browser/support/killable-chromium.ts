import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext } from '@playwright/test'
import { chromiumPath } from '../../browser-paths'

/** A Chromium of our own, on a profile that outlives it. */
export interface KillableChromium {
  start(): Promise<BrowserContext>
  /** SIGKILL to all of its processes at once. */
  kill(): Promise<void>
  dispose(): Promise<void>
}

const flags = [
  '--headless=new',
  '--remote-debugging-port=0',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Uint8Array) => {
      text += String(chunk)
      const [, found] = /DevTools listening on (ws:\S+)/.exec(text) ?? []
      if (found) resolve(found)
    })
    child.once('exit', () => reject(new Error(`Chromium ended before it listened:\n${text}`)))
  })
}

export async function createKillableChromium(): Promise<KillableChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'raindrop-js-e2e-'))
  const path = chromiumPath() ?? chromium.executablePath()
  let child: ChildProcess | undefined
  let browser: Browser | undefined

  async function kill(): Promise<void> {
    const killed = child
    child = undefined
    if (!killed?.pid) return
    const ended = new Promise((resolve) => killed.once('exit', resolve))
    // The whole group: a renderer that lives on could still write.
    process.kill(-killed.pid, 'SIGKILL')
    await ended
    await browser?.close().catch(() => undefined)
  }

  return {
    async start() {
      child = spawn(path, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      browser = await chromium.connectOverCDP(await address(child))
      return browser.contexts()[0]!
    },
    kill,
    async dispose() {
      await kill()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

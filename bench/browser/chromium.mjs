import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

const FLAGS = [
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
  // Tabs that nobody looks at would be slowed down, some more than others.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (chunk) => {
      text += String(chunk)
      const [, found] = /DevTools listening on (ws:\S+)/.exec(text) ?? []
      if (found) resolve(found)
    })
    child.once('exit', () => reject(new Error(`Chromium ended before it listened:\n${text}`)))
  })
}

/** A Chromium on a profile of its own that outlives its processes. */
export async function createChromium(path) {
  const profile = await mkdtemp(join(tmpdir(), 'raindrop-js-bench-'))
  let child
  let browser

  async function kill() {
    const killed = child
    child = undefined
    if (!killed?.pid) return
    const ended = new Promise((resolve) => killed.once('exit', resolve))
    // The whole group: a renderer that lives on could still write.
    process.kill(-killed.pid, 'SIGKILL')
    await ended
    await browser?.close().catch(() => undefined)
  }

  // No browser lives on when the bench ends in the middle of a measurement.
  const killNow = () => {
    if (child?.pid) process.kill(-child.pid, 'SIGKILL')
  }
  process.once('exit', killNow)

  return {
    async start() {
      child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      browser = await chromium.connectOverCDP(await addressOf(child))
      return browser
    },
    /** SIGKILL to all of its processes at once. */
    kill,
    async dispose() {
      await kill()
      process.off('exit', killNow)
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

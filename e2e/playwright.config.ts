import { defineConfig } from '@playwright/test'
import { chromiumPath } from './chromium-path'

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]
// Chromium's sandbox does not work for root.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const executablePath = chromiumPath()

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Each journey has servers of its own, and the machine has two cores.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    trace: 'retain-on-failure',
    launchOptions: { ...(executablePath && { executablePath }), args: [...quiet, ...sandbox] },
  },
  projects: [{ name: 'chromium', use: { browserName: 'chromium' } }],
})

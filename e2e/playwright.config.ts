import { defineConfig, type Project } from '@playwright/test'
import { chromiumPath, firefoxPath } from './browser-paths'

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]
// Chromium's sandbox does not work for root.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const [chromium, firefox] = [chromiumPath(), firefoxPath()]

const inChromium: Project = {
  name: 'chromium',
  use: {
    browserName: 'chromium',
    launchOptions: { ...(chromium && { executablePath: chromium }), args: [...quiet, ...sandbox] },
  },
}

/** By WebDriver BiDi, which every Firefox speaks. `@chromium` marks what only Chromium's own protocol can do, or only one engine needs. */
const inFirefox = (executablePath: string): Project => ({
  name: 'firefox',
  testMatch: 'browser/**/*.spec.ts',
  grepInvert: /@chromium/,
  use: { browserName: 'firefox', channel: 'moz-firefox', launchOptions: { executablePath } },
})

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Each journey has servers of its own, and the machine has two cores.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: { trace: 'retain-on-failure' },
  projects: [inChromium, ...(firefox ? [inFirefox(firefox)] : [])],
})

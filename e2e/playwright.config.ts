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

/** What runs on the demo itself. */
const demoSpecs = ['demo*.spec.ts', 'inspector.spec.ts', 'journey.spec.ts']
const useChromium: Project['use'] = {
  browserName: 'chromium',
  launchOptions: { ...(chromium && { executablePath: chromium }), args: [...quiet, ...sandbox] },
}
const inChromium: Project = {
  name: 'chromium',
  testIgnore: ['browser/soak/**', ...demoSpecs],
  use: useChromium,
}

/** One at a time: all of them build the pages into the demo's own folder. */
const onDemo: Project = { name: 'demo', testMatch: demoSpecs, workers: 1, use: useChromium }

/** By WebDriver BiDi, which every Firefox speaks. `@chromium` marks what only Chromium's own protocol can do, or only one engine needs. */
const inFirefox = (executablePath: string): Project => ({
  name: 'firefox',
  testMatch: ['browser/*.spec.ts', 'react.spec.ts'],
  grepInvert: /@chromium/,
  use: { browserName: 'firefox', channel: 'moz-firefox', launchOptions: { executablePath } },
})

/** `npm run e2e:soak`: starts the browsers itself. */
const soak: Project = { name: 'soak', testMatch: 'browser/soak/*.spec.ts', use: { trace: 'off' } }
const everyRun = [onDemo, inChromium, ...(firefox ? [inFirefox(firefox)] : [])]

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Each test has servers and a profile of its own, and most of its time it waits. A soak measures one browser at a time.
  workers: process.env.RAINDROP_SOAK ? 1 : 2,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: { trace: 'retain-on-failure' },
  projects: process.env.RAINDROP_SOAK ? [soak] : everyRun,
})

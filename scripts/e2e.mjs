/** `npm run e2e [-- playwright arguments]`: the journeys in a real browser, against a current build. */
import { ensureBuilt } from './build.mjs'
import { browserEnv } from './browsers.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { run } from './run.mjs'

try {
  await ensureInstalled()
  await ensureBuilt()
  const env = await browserEnv()
  process.exitCode = await run('playwright', ['test', '-c', 'e2e', ...process.argv.slice(2)], {
    env,
    timeoutMs: 900_000,
  })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

/** What `npm run demo`, `npm run bench` and `npm run e2e` need first: dependencies and a current build. */
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './dependencies.mjs'

try {
  await ensureInstalled()
  await ensureBuilt()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

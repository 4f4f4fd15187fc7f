/** `npm run check`: the inner loop. Reads the source only, builds nothing, opens no browser. */
import { sourceChecks } from './checks.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { runSteps, vitest } from './steps.mjs'

try {
  await ensureInstalled()
  await runSteps([...sourceChecks(), vitest('unit tests', 'unit')])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

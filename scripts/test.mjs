/** `npm test`: everything that must hold. Installs what is missing; ends with one line `N passed, N failed`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sourceChecks } from './checks.mjs'
import { browserEnv } from './browsers.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { root } from './run.mjs'
import { check, playwright, runSteps, task, vitest } from './steps.mjs'

const afterBuild = { needs: ['build'] }
const playwrightConfig = ['e2e/playwright.config.ts', 'playwright.config.ts'].find((file) =>
  existsSync(join(root, file)),
)

const findBrowsers = async () => {
  Object.assign(process.env, await browserEnv())
}

const steps = [
  ...sourceChecks(),
  check('unused code', 'knip', []),
  vitest('unit tests', 'unit'),
  vitest('fault tests', 'fault'),
  check('build', 'rollup', ['-c', '--silent']),
  check('publint', 'publint', ['--strict'], afterBuild),
  check(
    'types as published',
    'attw',
    ['--pack', '.', '--profile', 'node16', '--exclude-entrypoints', './react/styles.css'],
    afterBuild,
  ),
  check('size', 'size-limit', [], afterBuild),
  vitest('repository tests', 'repo', afterBuild),
  vitest('package tests', 'package', afterBuild),
  check('types of demo', 'tsc', ['-p', 'demo'], afterBuild),
  vitest('demo tests', 'demo', afterBuild),
  ...(playwrightConfig
    ? [
        task('browsers', findBrowsers),
        playwright('e2e', playwrightConfig, { needs: ['build', 'browsers'], timeoutMs: 900_000 }),
      ]
    : []),
]

try {
  await ensureInstalled()
  await runSteps(steps)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

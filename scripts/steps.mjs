import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'

/**
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {{ name: string, run: () => Promise<Count>, needs?: string[] }} Step
 */

const reports = join(root, 'node_modules', '.cache', 'reports')

const pass = { passed: 1, failed: 0 }
const fail = { passed: 0, failed: 1 }

/** A step that is one check: it passes when the command exits with 0. */
export const check = (name, command, args, options) => ({
  name,
  ...options,
  run: async () => ((await run(command, args, options)) === 0 ? pass : fail),
})

/** A suite that fails without a failed test (a file that does not load, an unhandled rejection, a timeout) is one failure. */
const counted = (code, count) => (code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count)

const readReport = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)

function freshReport(name) {
  mkdirSync(reports, { recursive: true })
  const file = join(reports, `${name}.json`)
  rmSync(file, { force: true })
  return file
}

/** A step that is one vitest project: it counts its tests. */
export const vitest = (name, project, options) => ({
  name,
  ...options,
  run: async () => {
    const file = freshReport(project)
    const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await run('vitest', args, options)
    const report = readReport(file)
    return counted(code, { passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0 })
  },
})

/** A step that is a Playwright run: it counts its tests. A flaky test is a failed one. */
export const playwright = (name, config, options) => ({
  name,
  ...options,
  run: async () => {
    const file = freshReport('e2e')
    const env = { ...options.env, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
    const code = await run('playwright', ['test', '-c', config, '--reporter=list,json'], { ...options, env })
    const stats = readReport(file)?.stats
    return counted(code, { passed: stats?.expected ?? 0, failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0) })
  },
})

/** A step of this process, e.g. an installation: it passes unless it throws. */
export const task = (name, work) => ({
  name,
  run: async () => {
    try {
      await work()
      return pass
    } catch (error) {
      console.error(error.message)
      return fail
    }
  },
})

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/**
 * Runs the steps in order and goes on after a failure; only what needs a failed step is left out, and counts as failed.
 * Ends with a table and one line `N passed, N failed`.
 * @param {Step[]} steps
 */
export async function runSteps(steps) {
  const startedAt = performance.now()
  const done = []
  for (const step of steps) {
    const missing = step.needs?.find((name) => done.some((other) => other.name === name && other.failed > 0))
    console.log(`\n── ${step.name}${missing ? `: left out, ${missing} failed` : ''}`)
    const stepStartedAt = performance.now()
    const count = missing ? fail : await step.run()
    done.push({ name: step.name, ...count, ms: performance.now() - stepStartedAt })
  }
  console.log('')
  for (const { name, passed, failed, ms } of done) {
    const result = failed > 0 ? `FAILED (${failed})` : 'ok'
    console.log(
      `${name.padEnd(24)} ${result.padEnd(12)} ${String(passed).padStart(5)} passed ${seconds(ms).padStart(9)}`,
    )
  }
  const total = (key) => done.reduce((sum, step) => sum + step[key], 0)
  console.log(
    `${'all'.padEnd(24)} ${''.padEnd(12)} ${''.padStart(12)} ${seconds(performance.now() - startedAt).padStart(9)}`,
  )
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`)
  process.exitCode = total('failed') === 0 && total('passed') > 0 ? 0 : 1
}

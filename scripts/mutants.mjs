/**
 * Breaks the promises on purpose: each mutant changes one place in a copy of `src` and expects the concerned tests to turn red. Fails when
 * one survives, and when the place is not found any more. `node scripts/mutants.mjs [part of a name]` runs some of them.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutants } from './mutant-list.mjs'
import { root } from './run.mjs'

const LIMIT_MS = 120_000

const wanted = process.argv[2] ?? ''
const chosen = mutants.filter(({ name, file }) => `${file} ${name}`.includes(wanted))
const copy = mkdtempSync(join(tmpdir(), 'raindrop-mutants-'))

function prepare() {
  for (const path of [
    'src',
    'test/support',
    'vitest.config.ts',
    'package.json',
    'tsconfig.json',
    'tsconfig.base.json',
  ]) {
    cpSync(join(root, path), join(copy, path), { recursive: true })
  }
  mkdirSync(join(copy, 'out'))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
}

/** Failed tests, or undefined where the file did not even load: a mutant that does not compile proves nothing. */
async function failedTests({ test, only }) {
  const report = join(copy, 'out', 'report.json')
  rmSync(report, { force: true })
  const args = ['vitest', 'run', test, '--bail=1', '--reporter=json', `--outputFile=${report}`]
  const child = spawn('npx', only === undefined ? args : [...args, '-t', only], {
    cwd: copy,
    stdio: 'ignore',
    detached: true,
  })
  const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), LIMIT_MS)
  await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(timer)
  try {
    const { numFailedTests, numPassedTests } = JSON.parse(readFileSync(report, 'utf8'))
    return numFailedTests + numPassedTests === 0 ? undefined : numFailedTests
  } catch {
    // Killed for hanging: red enough, since the tests themselves end.
    return 1
  }
}

async function run(mutant) {
  const path = join(copy, mutant.file)
  const source = readFileSync(path, 'utf8')
  if (source.split(mutant.search).length !== 2) return 'the place is not there, or not once: adapt the mutant'
  writeFileSync(
    path,
    source.replace(mutant.search, () => mutant.replace),
  )
  const failed = await failedTests(mutant)
  writeFileSync(path, source)
  if (failed === undefined) return 'no test ran'
  return failed === 0 ? 'survived: no test turned red' : undefined
}

async function checkGreen() {
  const runs = new Map(chosen.map(({ test, only }) => [`${test} ${only ?? ''}`, { test, only }]))
  for (const [name, one] of runs)
    if ((await failedTests(one)) !== 0) throw new Error(`not green without a mutant: ${name}`)
}

try {
  prepare()
  await checkGreen()
  let survivors = 0
  for (const mutant of chosen) {
    const problem = await run(mutant)
    if (problem !== undefined) survivors++
    console.log(
      `${problem === undefined ? 'red ' : 'FAIL'} ${mutant.file}: ${mutant.name}${problem === undefined ? '' : ` (${problem})`}`,
    )
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants turned a test red`)
  if (survivors > 0) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}

/**
 * `npm run e2e:soak [-- playwright arguments]`: kills and closes real browsers over and over, and prints what became of each event.
 * RAINDROP_SOAK is the number of repetitions of each case, 100 by default. Takes hours then; `-- -g Firefox` takes one engine.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { browserEnv, installByApt } from './browsers.mjs'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { root, run } from './run.mjs'

const folder = join(root, 'node_modules', '.cache', 'reports')
const report = join(folder, 'soak.ndjson')

function printTable() {
  const rows = readFileSync(report, 'utf8').trim().split('\n').map(JSON.parse)
  const engines = [...new Set(rows.map(({ engine }) => engine))]
  console.log(`\n| case | ${engines.join(' | ')} |\n|---|${engines.map(() => '---|').join('')}`)
  for (const name of new Set(rows.map((row) => row.case))) {
    const cells = engines.map((engine) => {
      const row = rows.find((each) => each.engine === engine && each.case === name)
      return row ? `${row.delivered} of ${row.tracked}, ${row.repeats}, ${row.drops}` : '–'
    })
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}

try {
  await ensureInstalled()
  await ensureBuilt()
  const browsers = await browserEnv()
  if (!existsSync('/usr/bin/xvfb-run') && !(await installByApt('webkit2gtk-driver', 'xvfb', 'xauth')))
    console.log('WebKitGTK is missing: LEFT OUT. Install it (Debian: apt-get install webkit2gtk-driver xvfb xauth).')
  mkdirSync(folder, { recursive: true })
  rmSync(report, { force: true })
  const env = { ...browsers, RAINDROP_SOAK: process.env.RAINDROP_SOAK ?? '100', RAINDROP_SOAK_REPORT: report }
  process.exitCode = await run('playwright', ['test', '-c', 'e2e', ...process.argv.slice(2)], {
    env,
    timeoutMs: 12 * 3_600_000,
  })
  if (existsSync(report)) printTable()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

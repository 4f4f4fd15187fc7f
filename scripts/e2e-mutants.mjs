/** `npm run e2e:mutants`: breaks promises of the browser build one by one, and expects the end-to-end tests to turn red. */
import { ensureBuilt } from './build.mjs'
import { browserEnv } from './browsers.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { run } from './run.mjs'

/** Name of the mutant (e2e/browser/support/mutants.ts) → the file and the title of a test that has to notice it. */
const noticedBy = {
  'without commit': ['unload', 'in IndexedDB alone'],
  'without reading the body': ['unload', '60 events in a row'],
  'deleting before the answer': ['kill', 'killed 1000 ms later'],
  'counting characters for bytes': ['unload', 'measured in bytes'],
  'without the lock': ['tabs', 'three tabs race'],
}

try {
  await ensureInstalled()
  await ensureBuilt()
  const browsers = await browserEnv()
  const survivors = []
  for (const [name, [file, title]] of Object.entries(noticedBy)) {
    const args = [
      'test',
      '-c',
      'e2e',
      `e2e/browser/${file}.spec.ts`,
      '-g',
      title,
      '--project=chromium',
      '--trace',
      'off',
      '--reporter',
      'dot',
    ]
    const env = { ...browsers, RAINDROP_MUTANT: name }
    const code = await run('playwright', args, { env, timeoutMs: 180_000, quiet: true })
    console.log(`${name}: ${code === 0 ? 'SURVIVED' : 'noticed'}`)
    if (code === 0) survivors.push(name)
  }
  process.exitCode = survivors.length === 0 ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

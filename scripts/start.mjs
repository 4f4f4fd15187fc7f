/**
 * `node scripts/start.mjs <script> [arguments]`: installs the dependencies and builds the SDK where that is needed, then runs the script in
 * this same process. Not `prepare && script`: the shell between would not pass on the signal that should end the script.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { root } from './run.mjs'

const [node, , script, ...args] = process.argv
const file = join(root, script)

async function isReady() {
  try {
    await ensureInstalled()
    await ensureBuilt()
    return true
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
    return false
  }
}

if (await isReady()) {
  process.argv = [node, file, ...args]
  await import(pathToFileURL(file).href)
}

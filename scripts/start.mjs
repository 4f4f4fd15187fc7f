/**
 * `node scripts/start.mjs <script> [arguments]`: installs the dependencies and builds the SDK where that is needed, then runs the script in
 * this same process.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './dependencies.mjs'
import { root } from './run.mjs'

const [node, , script, ...args] = process.argv
const file = join(root, script)

/**
 * npm passes a signal to the shell that it runs a script in, and the shell dies of it without telling this process: the servers of the
 * demo would live on. Losing the parent is that signal.
 */
function endWithParent() {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

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

endWithParent()
if (await isReady()) {
  process.argv = [node, file, ...args]
  await import(pathToFileURL(file).href)
}

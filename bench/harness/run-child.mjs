import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

const TIMEOUT_MS = 180_000

/** What an app in production has, and nothing that would send our events elsewhere. */
function environment() {
  const { PATH, HOME } = process.env
  return { PATH, HOME, NODE_ENV: 'production' }
}

/** One measurement in a process of its own. Resolves with the JSON that the child printed. */
export async function runChild(name, task, flags = []) {
  const script = new URL(`../children/${name}`, import.meta.url).pathname
  const child = spawn(process.execPath, [...flags, script, JSON.stringify(task)], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  })
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code !== 0) throw new Error(`${name} ${task.contestant}: ended with ${code ?? signal}\n${output}`)
  const line = output.trim().split('\n').at(-1)
  return JSON.parse(line)
}

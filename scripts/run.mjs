import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
const running = new Set()

const killGroup = (child, signal) => {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It ended in the meantime: nothing is left to stop.
  }
}

function stopAll(signal) {
  for (const child of running) killGroup(child, signal)
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

/** Listens only while something runs: what is started in this process afterwards has signal handling of its own. */
function track(child) {
  running.add(child)
  if (running.size === 1) for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stopAll)
}

function untrack(child) {
  running.delete(child)
  if (running.size === 0) for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stopAll)
}

/**
 * Runs a command from the project's root with its binaries on the path and no stdin. Resolves with its exit code; 124 when it ran
 * longer than `timeoutMs`. It gets a process group of its own, so that nothing it started outlives it.
 */
export function run(command, args = [], { env = {}, timeoutMs = 600_000, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      env: { ...process.env, PATH: path, ...env },
      stdio: ['ignore', quiet ? 'ignore' : 'inherit', quiet ? 'ignore' : 'inherit'],
    })
    track(child)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      console.error(`${command} ${args.join(' ')}: stopped after ${timeoutMs / 1000} s`)
      killGroup(child, 'SIGKILL')
    }, timeoutMs)
    const settle = (code) => {
      clearTimeout(timer)
      untrack(child)
      resolve(timedOut ? 124 : code)
    }
    child.once('error', (error) => {
      if (!quiet) console.error(`${command}: ${error.message}`)
      settle(127)
    })
    child.once('close', (code) => settle(code ?? 1))
  })
}

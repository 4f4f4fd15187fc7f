import { spawn } from 'node:child_process'

const graceMs = 6_000

/** The child processes of the demo: none outlives it, and it ends when one of them does. */
export function createProcesses() {
  /** In the order in which they were started. @type {{ name: string, child: import('node:child_process').ChildProcess }[]} */
  const running = []
  let isStopping = false

  const start = (name, parameters, options) => {
    const child = spawn(process.execPath, parameters, { stdio: 'inherit', ...options })
    running.push({ name, child })
    child.once('exit', () =>
      running.splice(
        running.findIndex((entry) => entry.child === child),
        1,
      ),
    )
    return child
  }

  /** The chat before the ingest, so that what it still sends finds somebody. */
  const stop = async (code) => {
    if (isStopping) return
    isStopping = true
    for (const { child } of running.toReversed()) await end(child)
    process.exit(code)
  }

  return {
    stop,
    /** Whether there is still something to wait for. */
    isStopping: () => isStopping,

    /** Starts what should go on until the end. */
    run(name, parameters, options) {
      start(name, parameters, options).once('exit', (code, signal) => {
        if (isStopping) return
        console.error(`\nThe ${name} ended (${signal ?? `exit code ${code}`}), so the demo ends too.`)
        void stop(1)
      })
    },

    /** Runs to the end; resolves with whether it succeeded. */
    complete: (name, parameters, options) =>
      new Promise((done) => start(name, parameters, options).once('exit', (code) => done(code === 0))),
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}

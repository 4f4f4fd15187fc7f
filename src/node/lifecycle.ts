import type { Lifecycle } from '../core/ports.js'

/** What a process does when it is told to end. `write`: what is in memory goes to disk. `flush`: it is sent as well, for 2 s at most. */
export type SignalMode = 'none' | 'write' | 'flush'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
const NATURAL_END_MS = 10_000
const SIGNAL_FLUSH_MS = 2_000
/** Marks our listeners, so that those of an app can be told from those of another client, also one of another copy of the package. */
const OURS = Symbol.for('raindrop-js signal listener')

type Listener = ((signal: NodeJS.Signals) => void) & { [OURS]?: true }

/** Ends of a Node process: it runs out of work, somebody calls `process.exit()`, or a signal comes. */
export function createProcessLifecycle(signals: SignalMode): Lifecycle {
  return {
    watch({ drain, lastWords }) {
      let deadline: number | undefined
      let draining = false
      let flushing = false

      const onBeforeExit = (): void => {
        deadline ??= performance.now() + NATURAL_END_MS
        const leftMs = deadline - performance.now()
        if (draining || leftMs <= 0) return
        draining = true
        void drain(leftMs).finally(() => (draining = false))
      }

      const onSignal: Listener = (signal) => {
        lastWords()
        // An app that listens decides itself when it ends; `exit` will be seen.
        const appListens = process.listeners(signal).some((listener) => !(OURS in listener))
        if (appListens) return
        const raise = (): void => {
          // What was tracked during the flush: the signal's default runs no `exit`.
          lastWords()
          process.off(signal, onSignal)
          if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
        }
        if (signals === 'write' || flushing) return raise()
        flushing = true
        void drain(SIGNAL_FLUSH_MS).finally(raise)
      }
      onSignal[OURS] = true

      // Each client has listeners of its own: that is no leak, and Node's warning about one would only alarm.
      const most = process.getMaxListeners()
      if (most > 0) process.setMaxListeners(most + 1)
      process.on('beforeExit', onBeforeExit)
      process.on('exit', lastWords)
      if (signals !== 'none') for (const signal of SIGNALS) process.on(signal, onSignal)

      return () => {
        process.off('beforeExit', onBeforeExit)
        process.off('exit', lastWords)
        for (const signal of SIGNALS) process.off(signal, onSignal)
        if (most > 0) process.setMaxListeners(Math.max(0, process.getMaxListeners() - 1))
      }
    },
  }
}

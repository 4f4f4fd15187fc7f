import type { QueueStore } from '../../src/core/types.js'
import { turn } from './fake-clock.js'

/** A store, and a promise of its rest: with real files a turn of the event loop is not enough. */
export function watchStore<S extends QueueStore>(store: S): { store: S; settled: () => Promise<void> } {
  let busy = 0
  const watched = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, target, args)
        if (!(result instanceof Promise)) return result
        busy++
        return result.finally(() => busy--)
      }
    },
  })
  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet = busy > 0 ? 0 : quiet + 1) await turn()
  }
  return { store: watched, settled }
}

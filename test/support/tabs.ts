import { createMemoryStore } from '../../src/core/memory-store.js'
import type { News, SharedStore, Siblings } from '../../src/core/ports.js'
import type { RaindropOptions } from '../../src/core/types.js'
import { createClientBench, type ClientBench } from './client-bench.js'
import { createFakeClock, type FakeClock } from './fake-clock.js'
import { watchStore } from './watched-store.js'

/** A disk that several pages share. */
function createDisk(): SharedStore & { keys(): string[] } {
  const memory = createMemoryStore()
  const kept = new Set<string>()
  return {
    ...memory,
    kind: 'indexeddb',
    put(records) {
      for (const { key } of records) kept.add(key)
      return memory.put(records)
    },
    remove(keys) {
      for (const key of keys) kept.delete(key)
      return memory.remove(keys)
    },
    list: (prefix) => Promise.resolve([...kept].filter((key) => key.startsWith(prefix))),
    keys: () => [...kept],
  }
}

/** One browser, without an engine: its pages share a disk, the time and the news. */
export function createTabs() {
  const disk = createDisk()
  const { store, settled } = watchStore(disk)
  const clock: FakeClock = createFakeClock({ settled })
  const tabs = new Map<object, (news: News) => void>()
  let last: Promise<unknown> = Promise.resolve()
  return {
    disk,
    clock,
    open(options: RaindropOptions = {}) {
      const self = {}
      let isAlive = true
      const never = new Promise<never>(() => undefined)
      const own: SharedStore = new Proxy(store, {
        get: (target, name) =>
          isAlive || typeof Reflect.get(target, name) !== 'function' ? Reflect.get(target, name) : () => never,
      })
      const siblings: Siblings = {
        lease: (work) => {
          if (!isAlive) return never
          const done = last.then(() => (isAlive ? work() : never))
          last = done.catch(() => undefined)
          return done
        },
        tell: (news) => {
          if (!isAlive) return
          for (const [tab, hear] of tabs) if (tab !== self) hear(JSON.parse(JSON.stringify(news)) as News)
        },
        listen: (hear) => {
          tabs.set(self, hear)
          return () => void tabs.delete(self)
        },
        orderMs: () => 0,
        order: () => undefined,
      }
      const bench = createClientBench(own, options, {
        clock,
        siblings: () => siblings,
        recovers: true,
        recentChars: 1e5,
      })
      return {
        ...bench,
        /** Killed: nothing of it runs any more. */
        kill() {
          isAlive = false
          tabs.delete(self)
          bench.transport.script = () => 'hang'
          // The browser gives its lock to the next.
          last = Promise.resolve()
        },
      }
    },
  }
}

/** Signals as they were sent, in their order. */
export const signalsOf = ({ transport }: Pick<ClientBench, 'transport'>): any[] =>
  transport.sent.filter(({ path }) => path.endsWith('signals/track')).flatMap(({ bodies }) => bodies)

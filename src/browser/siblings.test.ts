import { afterEach, expect, it, vi } from 'vitest'
import type { LocalStorage } from './local-storage.js'
import { createSiblings } from './siblings.js'

const DAY_MS = 24 * 3_600_000

function createTabs() {
  const values = new Map<string, string>()
  const storage: LocalStorage = {
    get: (name) => values.get(name),
    set: (name, value) => void values.set(name, value),
    remove: (name) => void values.delete(name),
  }
  const clock = { ms: 1_000 * DAY_MS, now: () => clock.ms }
  return { clock, values, open: () => createSiblings('ns', storage, clock) }
}

it('tells the next page how much longer the receiver wants to be left alone', () => {
  const { clock, open } = createTabs()
  expect(open().orderMs()).toBe(0)
  open().order(60_000)
  clock.ms += 20_000
  expect(open().orderMs()).toBe(40_000)
  clock.ms += 40_000
  expect(open().orderMs()).toBe(0)
})

it('waits no longer than the receiver said where the clock is set back, and not anew at each look', () => {
  const { clock, open } = createTabs()
  open().order(60_000)
  clock.ms -= 10 * DAY_MS
  expect(open().orderMs()).toBe(60_000)
  clock.ms += 50_000
  expect(open().orderMs()).toBe(10_000)
  clock.ms += 10_000
  expect(open().orderMs()).toBe(0)
})

it('leaves nothing behind of an order that is over', () => {
  const { values, open } = createTabs()
  open().order(60_000)
  open().order(0)
  expect(open().orderMs()).toBe(0)
  expect(values.size).toBe(0)
})

it('does not wait for an order that says no length, as an earlier version wrote it', () => {
  const { clock, values, open } = createTabs()
  values.set('raindrop-js/ns/wait', String(clock.ms + DAY_MS))
  expect(open().orderMs()).toBe(0)
})

afterEach(() => {
  vi.unstubAllGlobals()
})

it('does without locks and channels that throw when they are looked at or used', async () => {
  vi.stubGlobal('navigator', {
    get locks() {
      throw new DOMException('denied', 'SecurityError')
    },
  })
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {
        throw new DOMException('denied', 'DataCloneError')
      }
    },
  )
  const siblings = createTabs().open()
  expect(await siblings.lease(async () => 'done')).toBe('done')
  expect(() => siblings.tell({ kind: 'feedback', topic: null })).not.toThrow()
})

import { afterEach, expect, it, vi } from 'vitest'
import { createPageLifecycle } from './page-lifecycle.js'

afterEach(() => vi.unstubAllGlobals())

function watched() {
  const page = new EventTarget()
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  const calls: string[] = []
  const noted = (name: string) => () => void calls.push(name)
  createPageLifecycle().watch({
    drain: () => Promise.resolve(),
    lastWords: noted('lastWords'),
    hidden: noted('hidden'),
    shown: noted('shown'),
    networkChanged: noted('networkChanged'),
  })
  return { calls, fire: (type: string, fields = {}) => page.dispatchEvent(Object.assign(new Event(type), fields)) }
}

it('resumes when the page comes back from the back/forward cache', () => {
  const { calls, fire } = watched()
  fire('pagehide', { persisted: true })
  fire('pageshow', { persisted: true })
  expect(calls).toEqual(['hidden', 'shown'])
})

it('does not take the end of loading for a return: nothing is sent before its time', () => {
  const { calls, fire } = watched()
  fire('pageshow', { persisted: false })
  expect(calls).toEqual([])
})

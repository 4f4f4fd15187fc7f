import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLocalStorage } from './local-storage.js'

function fakeStorage() {
  const values = new Map<string, string>()
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the values of a page', () => {
  it('are in localStorage, for the next page', () => {
    vi.stubGlobal('localStorage', fakeStorage())
    createLocalStorage().set('name', 'value')
    const next = createLocalStorage()
    expect(next.get('name')).toBe('value')
    next.remove('name')
    expect(createLocalStorage().get('name')).toBeUndefined()
  })

  it('live as long as the page where nobody may look at localStorage', () => {
    vi.stubGlobal('localStorage', undefined)
    const values = createLocalStorage()
    values.set('name', 'value')
    expect(values.get('name')).toBe('value')
    values.remove('name')
    expect(values.get('name')).toBeUndefined()
  })

  it('are still written when the window, on its way out, has no localStorage any more', () => {
    const storage = fakeStorage()
    vi.stubGlobal('localStorage', storage)
    const values = createLocalStorage()
    expect(values.get('name')).toBeUndefined()
    vi.stubGlobal('localStorage', null)
    values.set('name', 'value')
    expect(storage.getItem('name')).toBe('value')
  })
})

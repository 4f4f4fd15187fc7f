import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClock } from './clock.js'

describe('the clock of the runtime', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('waits, and can be told not to', () => {
    const ran: string[] = []
    const clock = createClock()
    clock.after(100, () => ran.push('a'))
    clock.after(100, () => ran.push('b'))()
    vi.advanceTimersByTime(100)
    expect(ran).toEqual(['a'])
  })

  it.each([2 ** 31, 1e15, Number.POSITIVE_INFINITY])('does not fire at once for a wait of %d ms', (ms) => {
    let ran = false
    createClock().after(ms, () => (ran = true))
    vi.advanceTimersByTime(1_000_000)
    expect(ran).toBe(false)
  })

  it('keeps a process alive only where that is asked for', () => {
    vi.useRealTimers()
    const clock = createClock()
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const cancels = [clock.after(10_000, () => undefined), clock.after(10_000, () => undefined, true)]
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length - before).toBe(1)
    for (const cancel of cancels) cancel()
  })
})

import { expect, it } from 'vitest'
import { networkCookie, readNetworkCookie } from './network-mode'

it('reads back what it was set to, among other cookies', () => {
  for (const mode of ['offline', 'error', 'slow'] as const) {
    const [pair] = networkCookie(mode).split(';')
    expect(readNetworkCookie(`other=1; ${pair}; more=2`)).toBe(mode)
  }
})

it('is online where nothing, or nonsense, was set', () => {
  expect(readNetworkCookie('')).toBe('online')
  expect(readNetworkCookie('raindrop_demo_network=nonsense')).toBe('online')
  expect(readNetworkCookie(networkCookie('online'))).toBe('online')
})

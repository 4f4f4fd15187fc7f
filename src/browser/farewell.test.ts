import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createFakeClock } from '../../test/support/fake-clock.js'
import type { WireRequest } from '../core/ports.js'
import { createFarewell } from './farewell.js'

const request = (chars: number): WireRequest => ({ url: '/relay', headers: {}, body: 'x'.repeat(chars), gzip: true })
const sendBeacon = vi.fn<(url: string, body: string) => boolean>()

beforeEach(() => {
  sendBeacon.mockReset().mockReturnValue(true)
  vi.stubGlobal('navigator', { sendBeacon })
})
afterEach(() => void vi.unstubAllGlobals())

function open(fetch: (url: string, init: RequestInit) => Promise<Response>, beacons = true) {
  return createFarewell({ clock: createFakeClock(), fetch: fetch as typeof globalThis.fetch, beacons })
}
const never = () => new Promise<Response>(() => undefined)

it('sends the first batch by a way that answers, and the rest by beacons', async () => {
  const inits: RequestInit[] = []
  const farewell = open((_url, init) => {
    inits.push(init)
    return Promise.resolve(new Response('{}', { headers: { 'retry-after': '3' } }))
  })
  expect(await farewell.send(request(10), 1_000, true)).toEqual({ status: 200, retryAfter: '3', text: '{}' })
  expect(farewell.send(request(10), 1_000, false)).toBe('unanswered')
  expect(inits).toMatchObject([{ keepalive: true, method: 'POST' }])
  expect(sendBeacon).toHaveBeenCalledTimes(1)
})

it('stays within its share of what browsers allow for keepalive, and gets it back with the body', async () => {
  let answer: (response: Response) => void = () => undefined
  const farewell = open(() => new Promise((resolve) => (answer = resolve)), false)
  const first = farewell.send(request(50_000), 1_000, true)
  expect(farewell.room()).toBe(10_000)
  expect(farewell.send(request(10_001), 1_000, true)).toBeUndefined()
  answer(new Response('{}'))
  await first
  expect(farewell.room()).toBe(60_000)
})

it('counts bytes, not characters', () => {
  const farewell = open(never, false)
  expect(farewell.send({ ...request(0), body: '€'.repeat(20_001) }, 1_000, true)).toBeUndefined()
})

it('has six requests under way at most', () => {
  const farewell = open(never, false)
  for (let sent = 0; sent < 6; sent++) expect(farewell.send(request(1), 1_000, true)).toBeInstanceOf(Promise)
  expect(farewell.room()).toBe(0)
})

it('falls back to a beacon where keepalive is refused or missing', async () => {
  const farewell = open(() => Promise.reject(new TypeError('over the limit')))
  expect(await farewell.send(request(10), 1_000, true)).toBe('unanswered')
  vi.stubGlobal('Request', class {})
  expect(farewell.send(request(10), 1_000, true)).toBe('unanswered')
})

it('says so when a beacon is refused or throws', () => {
  const farewell = open(never)
  sendBeacon.mockReturnValueOnce(false)
  expect(farewell.send(request(10), 1_000, false)).toBeUndefined()
  sendBeacon.mockImplementationOnce(() => {
    throw new TypeError('no')
  })
  expect(farewell.send(request(10), 1_000, false)).toBeUndefined()
})

it('ends at its deadline', async () => {
  const clock = createFakeClock()
  const hangs = (_url: unknown, init?: RequestInit) =>
    new Promise<Response>((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  const farewell = createFarewell({ clock, fetch: hangs as typeof fetch, beacons: true })
  const answer = farewell.send(request(10), 1_000, true)
  await clock.advance(1_000)
  expect(await answer).toMatchObject({ failure: 'timeout' })
})

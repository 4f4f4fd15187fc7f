import { describe, expect, it } from 'vitest'
import { answer, network } from '../../test/support/scripted-transport.js'
import { backoffMs, holdMs, readAnswer } from './retry.js'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const PORTAL = '<!doctype html><title>Sign in to this network</title>'
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString()

describe('what an answer means', () => {
  it.each([
    [200, '{"events":[]}'],
    [200, ''],
    [200, ' \n'],
    [201, '{"success":true}'],
    [202, 'null'],
    [204, ''],
  ])('%i with %j is an acceptance', (status, text) => {
    expect(readAnswer(answer(status, text), NOW)).toMatchObject({ kind: 'accepted', status })
  })

  it.each([PORTAL, 'OK', '{"events":[', '<html>'])('200 with %j is no answer of the ingest', (text) => {
    expect(readAnswer(answer(200, text), NOW)).toMatchObject({ kind: 'unavailable', status: 200, minWaitMs: 0 })
  })

  it.each([408, 425, 500, 501, 502, 503, 504, 507, 520, 599])('%i is tried again', (status) => {
    expect(readAnswer(answer(status), NOW)).toMatchObject({ kind: 'unavailable', status, minWaitMs: 0 })
  })

  it('a network error and a timeout are tried again', () => {
    expect(readAnswer(network, NOW)).toMatchObject({ kind: 'unavailable', timeout: false })
    expect(readAnswer({ failure: 'timeout', cause: undefined }, NOW)).toMatchObject({
      kind: 'unavailable',
      timeout: true,
    })
  })

  it('429 without a usable time waits 5 s at least', () => {
    expect(readAnswer(answer(429), NOW)).toMatchObject({ kind: 'unavailable', minWaitMs: 5_000 })
  })

  it.each([
    ['3', 3_000],
    [' 7 ', 7_000],
    ['0.4', 1_000],
    ['0', 1_000],
    ['1', 1_000],
    ['3600', 3_600_000],
    ['86400', 3_600_000],
    ['99999999999999999999', 3_600_000],
    [inSeconds(30), 30_000],
    [inSeconds(-60), 1_000],
    [inSeconds(7 * 86_400), 3_600_000],
  ])('429 and 503 with Retry-After %j wait %i ms', (header, waitMs) => {
    for (const status of [429, 503]) {
      expect(readAnswer(answer(status, '', header), NOW)).toEqual({ kind: 'wait', status, waitMs })
    }
  })

  it.each(['', 'soon', '-5', '1e3', 'NaN', '5 seconds', '12:00', '\u0000'])('a Retry-After of %j is none', (header) => {
    expect(readAnswer(answer(429, '', header), NOW)).toMatchObject({ kind: 'unavailable', minWaitMs: 5_000 })
    expect(readAnswer(answer(503, '', header), NOW)).toMatchObject({ kind: 'unavailable', minWaitMs: 0 })
  })

  it('a Retry-After counts for 429 and 503 only', () => {
    expect(readAnswer(answer(500, '', '30'), NOW)).toMatchObject({ kind: 'unavailable' })
  })

  it('413 is too large, 400 and 422 are refused', () => {
    expect(readAnswer(answer(413), NOW)).toEqual({ kind: 'too_large', status: 413 })
    for (const status of [400, 422]) expect(readAnswer(answer(status), NOW)).toEqual({ kind: 'refused', status })
  })

  it.each([401, 402, 403, 404, 405, 409, 410, 415, 418, 431, 451, 499, 300, 301, 302, 303, 304, 307, 308, 0])(
    '%i is held, not dropped',
    (status) => {
      expect(readAnswer(answer(status), NOW)).toEqual({ kind: 'held', status })
    },
  )
})

describe('how long to wait', () => {
  it('three tries at 0, 0.5 and 1 s, then 1 s · 2ⁿ up to five minutes', () => {
    const waits = Array.from({ length: 14 }, (_, index) => backoffMs(index + 1, 0.5) / 1_000)
    expect(waits).toEqual([0.5, 1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  })

  it('jitter is a fifth either way and never more than five minutes', () => {
    expect(backoffMs(1, 0)).toBe(400)
    expect(backoffMs(1, 0.999999)).toBeCloseTo(600, 0)
    expect(backoffMs(1_000_000, 0.999)).toBe(300_000)
  })

  it('holds for 1, 5 and 30 minutes, then hourly', () => {
    expect([1, 2, 3, 4, 5, 100].map((tries) => holdMs(tries) / 60_000)).toEqual([1, 5, 30, 60, 60, 60])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { hostWaitUntil } from './request-context.js'

const host = globalThis as unknown as Record<symbol, unknown>
const symbols = ['@vercel/request-context', '__cloudflare-request-context__', '__cloudflare-context__'].map((name) =>
  Symbol.for(name),
)

afterEach(() => symbols.forEach((symbol) => delete host[symbol]))

describe('waitUntil of the host', () => {
  it('is none where there is no request', () => {
    expect(hostWaitUntil()).toBeUndefined()
    host[symbols[0]!] = { get: () => undefined }
    host[symbols[1]!] = {}
    expect(hostWaitUntil()).toBeUndefined()
  })

  it('is that of the request on Vercel', () => {
    const waitUntil = () => undefined
    host[symbols[0]!] = { get: () => ({ waitUntil }) }
    expect(hostWaitUntil()).toBe(waitUntil)
  })

  it.each(symbols.slice(1))('is called on its own object on Cloudflare (%s)', (symbol) => {
    const seen: unknown[] = []
    const ctx = {
      waitUntil(work: Promise<unknown>) {
        seen.push(this, work)
      },
    }
    host[symbol] = { ctx }
    const work = Promise.resolve()
    hostWaitUntil()?.(work)
    expect(seen).toEqual([ctx, work])
  })
})

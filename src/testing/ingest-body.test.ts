import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readIngestBody } from './ingest-body'

const text = JSON.stringify({ v: 1, text: 'größer' })
const plain = new TextEncoder().encode(text)

describe('readIngestBody', () => {
  it('decodes a plain body', async () => {
    expect(await readIngestBody({ path: '/relay', bytes: plain })).toEqual({ ok: true, text })
  })

  it.each([
    ['/relay?z=1', {}],
    ['/v1/events/track', { 'Content-Encoding': 'gzip' }],
  ])('unpacks gzip at %s with %j', async (path, headers) => {
    expect(await readIngestBody({ path, headers, bytes: gzipSync(plain) })).toEqual({ ok: true, text })
  })

  it('refuses what is not gzip but says so', async () => {
    expect(await readIngestBody({ path: '/relay?z=1', bytes: plain })).toMatchObject({ ok: false, status: 400 })
    const torn = gzipSync(plain).subarray(0, -9)
    expect(await readIngestBody({ path: '/relay?z=1', bytes: torn })).toMatchObject({ ok: false, status: 400 })
  })

  it('refuses bytes that are not UTF-8', async () => {
    expect(await readIngestBody({ path: '/relay', bytes: new Uint8Array([0xff, 0xfe]) })).toMatchObject({ status: 400 })
  })

  it('bounds the body, packed and unpacked', async () => {
    const bomb = gzipSync(new Uint8Array(20_000_000))
    expect(bomb.byteLength).toBeLessThan(100_000)
    expect(await readIngestBody({ path: '/relay?z=1', bytes: bomb })).toMatchObject({ ok: false, status: 413 })
    expect(await readIngestBody({ path: '/x', bytes: plain, maxBytes: 5 })).toMatchObject({ ok: false, status: 413 })
    expect(await readIngestBody({ path: '/x', bytes: plain, maxBytes: plain.byteLength })).toMatchObject({ ok: true })
  })
})

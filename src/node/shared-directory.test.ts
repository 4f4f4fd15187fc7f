import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startIngestServer } from 'raindrop-js/testing'
import { fileQueue, Raindrop } from './index.js'

const directory = mkdtempSync(join(tmpdir(), 'raindrop-shared-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

it('lets each key take over its own records from a directory that two of them share', async () => {
  for (const writeKey of ['A', 'B']) {
    const raindrop = new Raindrop({
      writeKey,
      endpoint: 'http://127.0.0.1:9/v1/',
      onError: () => undefined,
      storage: fileQueue(directory),
    })
    raindrop.track({ event: writeKey, userId: 'u' })
    await raindrop.shutdown({ timeoutMs: 1 })
  }
  const ingest = await startIngestServer()
  const [a, b] = ['A', 'B'].map(
    (writeKey) => new Raindrop({ writeKey, endpoint: ingest.url, storage: fileQueue(directory) }),
  )
  expect(await a!.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
  expect(await b!.flush()).toEqual({ delivered: 1, pending: 0, dropped: 0 })
  const keyOf = new Map(ingest.requests.map(({ headers, body }) => [body[0].event, headers['authorization']]))
  expect(keyOf).toEqual(
    new Map([
      ['A', 'Bearer A'],
      ['B', 'Bearer B'],
    ]),
  )
  await Promise.all([a!.shutdown(), b!.shutdown()])
  await ingest.close()
})

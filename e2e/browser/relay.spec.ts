import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Raindrop } from 'raindrop-js'
import { createFeedbackTokens, createRelay } from 'raindrop-js/relay'
import { expect, test } from './support/bench'

interface Page {
  trackSignal(signal: object): string
  track(event: object): string
  flush(): Promise<object>
}

test('a page without a key votes through a real relay, for the one answer that it was given', async ({
  bench,
  context,
}) => {
  const raindrop = new Raindrop({ writeKey: 'rk_secret', endpoint: bench.ingest.url })
  const tokens = createFeedbackTokens({ secret: 'a secret of at least thirty-two characters' })
  const relay = createRelay({ raindrop, tokens, allowedOrigins: [new URL(bench.site.url()).origin] })
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const headers = new Headers()
    for (const [name, value] of Object.entries(message.headers)) {
      if (typeof value === 'string') headers.set(name, value)
    }
    const url = `http://${message.headers.host}${message.url}`
    const body = new Uint8Array(await buffer(message))
    const answer = await relay(new Request(url, { method: message.method, headers, body }))
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  }
  const server = createServer((message, response) => void handle(message, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/raindrop`

  const eventId = raindrop.trackAi({ event: 'chat', userId: 'u', input: 'Hi', output: 'Hello' })
  const token = await tokens.mint(eventId)
  const page = await bench.open(context, { relay: url })
  await page.evaluate(
    async ({ eventId, token }) => {
      const { rd } = globalThis as unknown as { rd: Page }
      rd.trackSignal({ eventId, token, name: 'thumbs_up', sentiment: 'POSITIVE' })
      rd.trackSignal({ eventId, name: 'thumbs_down' })
      rd.track({ event: 'forged', userId: 'somebody else' })
      await rd.flush()
    },
    { eventId, token },
  )
  await raindrop.flush()

  const [event] = bench.ingest.events()
  expect(bench.ingest.events()).toHaveLength(1)
  expect(event?.signals.map(({ signal_name }: { signal_name: string }) => signal_name)).toEqual(['thumbs_up'])
  const { stats, told } = await page.evaluate(() => {
    const host = globalThis as unknown as { rd: { stats(): { delivered: number; dropped: object } }; told: string[] }
    return { stats: host.rd.stats(), told: host.told }
  })
  expect(stats).toMatchObject({ delivered: 1, pending: 0, dropped: { rejected: 2 } })
  expect(told.join()).not.toContain('rk_secret')
  await raindrop.shutdown()
  server.close()
})

import { setTimeout as delay } from 'node:timers/promises'
import { createRelayRoute } from 'raindrop-js/next'
import { readNetworkCookie } from '../../../components/chat/network-mode'
import { getRaindrop } from '../../../server/raindrop'
import { getTokens } from '../../../server/tokens'
import { currentVisitor } from '../../../server/visitor'

let relay: ReturnType<typeof createRelayRoute> | undefined

/** Made with the first request: at build time there is neither a secret nor a place to write. */
const getRelay = () =>
  (relay ??= createRelayRoute({
    raindrop: getRaindrop(),
    tokens: getTokens(),
    authorize: async () => {
      const visitor = await currentVisitor()
      return visitor ? { userId: visitor } : null
    },
  }))

const slowMs = 3_000

/** The relay, and in front of it the troubles that a visitor asked for with the network switch of the page. */
export async function POST(request: Request): Promise<Response> {
  const mode = readNetworkCookie(request.headers.get('cookie') ?? '')
  if (mode === 'error') {
    await request.text()
    return Response.json({ error: 'unavailable' }, { status: 503, headers: { 'cache-control': 'no-store' } })
  }
  if (mode === 'slow') await delay(slowMs)
  return await getRelay().POST(request)
}

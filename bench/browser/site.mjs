import { createServer } from 'node:http'
import { bundleContestant } from './bundle.mjs'
import { UNCOUNTED } from './events.mjs'

// Isolated, for clocks of 5 µs instead of 100.
const HEADERS = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'credentialless' }

/** Clients are made while the page loads, as in an app, and again after every reload. */
const page = (
  names,
  endpoint,
  tracksOpening,
) => `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">
${names.map((name) => `<script src="/${name}.js"></script>`).join('\n')}
<script>
  globalThis.clients = {}
  // Where storage throws, some do as they are made: then the app has nothing to track with.
  const broken = () => { globalThis.isBroken = true }
  for (const name of ${JSON.stringify(names)}) {
    try {
      clients[name] = contestants[name].open({ endpoint: '${endpoint}' })
    } catch {
      broken()
      clients[name] = { track: broken }
    }
  }
  globalThis.ready = Promise.all(Object.values(clients).map((client) => client.ready))
  globalThis.trackUncounted = () => {
    const mark = 'mark' + String(${UNCOUNTED} + Math.floor(Math.random() * 10_000)).padStart(6, '0') + 'x'
    for (const client of Object.values(clients)) client.track({ event: 'opened', userId: 'user_0', properties: { mark, text: 'opened' } })
  }
  if (${tracksOpening}) void ready.then(trackUncounted)
</script>`

/** Serves pages with contestants in them. It stays up when the sink is down. */
export async function startSite(bundling) {
  const bundles = new Map()
  const code = (name) => {
    if (!bundles.has(name)) bundles.set(name, bundleContestant(name, bundling))
    return bundles.get(name)
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://site')
    const isScript = pathname.endsWith('.js')
    const content = isScript
      ? code(pathname.slice(1, -3))
      : page(
          (searchParams.get('names') ?? '').split(',').filter(Boolean),
          searchParams.get('endpoint'),
          searchParams.has('opening'),
        )
    void Promise.resolve(content).then(
      (text) =>
        response.writeHead(200, { ...HEADERS, 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(text),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  return {
    url: (names, endpoint) => `${origin}/?${new URLSearchParams({ names: names.join(), endpoint })}`,
    /** Of a page that tracks an event as it opens, as most do: some SDKs look at what waits only then. */
    urlOfVisit: (name, endpoint) => `${origin}/?${new URLSearchParams({ names: name, endpoint, opening: 'yes' })}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

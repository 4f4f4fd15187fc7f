import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { mutated } from './mutants'

export interface PageVariant {
  /** The package as a later version might be, which keeps its records in a format of its own. */
  readonly sdk?: 'next'
  readonly contentSecurityPolicy?: string
}

/** A page with the built package in it, bundled as an app would do it. */
export interface Site {
  /** `options` in the query make a client when the page loads, as an app does. */
  url(options?: object, variant?: PageVariant): string
  close(): Promise<void>
}

let bundle: Promise<string> | undefined

export async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from 'raindrop-js'
export { createTracing } from 'raindrop-js/tracing'`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'raindropJs',
    // The paths of ours lead to the source; an app has none.
    tsconfigRaw: '{}',
    // No condition of a development server: what an app ships.
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  return mutated(outputFiles[0]!.text)
}

/** Records of format 1 mean nothing to it, and its own nothing to this version. */
function asNextVersion(code: string): string {
  const next = code.replace('{ v: 1, id: draft', '{ v: 2, id: draft').replace('header.v === 1', 'header.v === 2')
  if (!/v: 2, id: draft/.test(next) || !/header\.v === 2/.test(next)) throw new Error('the format is not where it was')
  return next
}

const page = (
  script: string,
): string => `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">
<script src="${script}"></script>
<script>
  globalThis.told = []
  const options = new URLSearchParams(location.search).get('options')
  globalThis.createClient = ({ traced, ...given }) => (globalThis.rd = new raindropJs.Raindrop({ ...given, tracing: traced ? raindropJs.createTracing() : undefined, onError: (error) => told.push(error.code + ': ' + error.message) }))
  if (options) createClient(JSON.parse(options))
</script>`

/** Gives the page when there is no network, as an app does that works offline. */
const worker = `addEventListener('fetch', (event) => {
  if (new URL(event.request.url).origin === location.origin)
    event.respondWith(caches.match(event.request).then((cached) => cached ?? fetch(event.request)))
})`

export async function createSite(): Promise<Site> {
  const sdk = await (bundle ??= bundled())
  const server = createServer((message, response) => {
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://site')
    if (pathname.endsWith('.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' })
      return void response.end(pathname === '/worker.js' ? worker : pathname === '/sdk.js' ? sdk : asNextVersion(sdk))
    }
    const policy = searchParams.get('csp')
    response.writeHead(200, { 'content-type': 'text/html', ...(policy && { 'content-security-policy': policy }) })
    response.end(page(searchParams.get('sdk') === 'next' ? '/sdk-next.js' : '/sdk.js'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url(options, { sdk: version, contentSecurityPolicy } = {}) {
      const query = new URLSearchParams({
        ...(options && { options: JSON.stringify(options) }),
        ...(version && { sdk: version }),
        ...(contentSecurityPolicy && { csp: contentSecurityPolicy }),
      })
      return `${origin}/${query.size > 0 ? `?${query}` : ''}`
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

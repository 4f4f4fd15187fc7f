import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { mutated } from './mutants'

/** A page with the built package in it, bundled as an app would do it. */
export interface Site {
  /** `options` in the query make a client when the page loads, as an app does. */
  url(options?: object): string
  close(): Promise<void>
}

let bundle: Promise<string> | undefined

async function bundled(): Promise<string> {
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

const page = `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">
<script src="/sdk.js"></script>
<script>
  globalThis.told = []
  const options = new URLSearchParams(location.search).get('options')
  globalThis.createClient = ({ traced, ...given }) => (globalThis.rd = new raindropJs.Raindrop({ ...given, tracing: traced ? raindropJs.createTracing() : undefined, onError: (error) => told.push(error.code + ': ' + error.message) }))
  if (options) createClient(JSON.parse(options))
</script>`

export async function createSite(): Promise<Site> {
  const sdk = await (bundle ??= bundled())
  const server = createServer((message, response) => {
    const isScript = message.url === '/sdk.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? sdk : page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: (options) => (options ? `${origin}/?options=${encodeURIComponent(JSON.stringify(options))}` : `${origin}/`),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

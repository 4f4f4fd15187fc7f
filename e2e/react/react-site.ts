import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A page with React and the built package in it, bundled as an app would do it. */
export interface ReactSite {
  url(wish: object): string
  close(): Promise<void>
}

const styles = readFileSync(new URL(import.meta.resolve('raindrop-js/react/styles.css')), 'utf8')
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>chat</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"><style>${styles}
:root { color-scheme: light dark; background: light-dark(#fff, #17171a); color: light-dark(#1b1b1f, #ececf0) }
body { font: 16px/1.5 sans-serif; padding-bottom: 400px }</style>
<main id="app"></main><script src="/page.js"></script></html>`

export async function createReactSite(): Promise<ReactSite> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.tsx', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    jsx: 'automatic',
    // The paths of ours lead to the source; an app has none.
    tsconfigRaw: '{}',
    // With the profiler, which production leaves out.
    alias: { 'react-dom/client': 'react-dom/profiling' },
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const server = createServer((message, response) => {
    const isScript = message.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? outputFiles[0]!.text : page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: (wish) => `${origin}/?wish=${encodeURIComponent(JSON.stringify(wish))}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

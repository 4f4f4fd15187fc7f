import { constants, gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { exportOf } from './contestants.mjs'
import { PEER_MODULES } from './peers.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

async function bundle(options) {
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    platform: 'browser',
    minify: true,
    legalComments: 'none',
    nodePaths: [PEER_MODULES],
    // The paths of ours lead to the source; an app has none.
    tsconfigRaw: '{}',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
    ...options,
  })
  return outputFiles[0].contents
}

/** What the page runs: `contestants['…'].open()`. Readable for a profile, else as an app ships it. */
export async function bundleContestant(name, { minify = true } = {}) {
  const code = await bundle({
    stdin: {
      contents: `import { open } from './contestants/${name}.mjs'\n;(globalThis.contestants ??= {})['${name}'] = { open }`,
      resolveDir: here,
    },
    format: 'iife',
    minify,
  })
  return Buffer.from(code).toString('utf8')
}

/** Bytes over the wire of the least that an app imports. */
export async function sizeOf(contestant) {
  const code = await bundle({ stdin: { contents: exportOf(contestant), resolveDir: here }, format: 'esm' })
  return gzipSync(code, { level: constants.Z_BEST_COMPRESSION }).byteLength
}

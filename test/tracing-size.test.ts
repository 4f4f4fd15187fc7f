import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

/** What a bundler makes of one import, everything it needs included. */
async function bundle(entry: string, name: string, platform: 'browser' | 'node') {
  const file = fileURLToPath(new URL(`../dist/esm/${entry}.js`, import.meta.url))
  const result = await build({
    stdin: {
      contents: `export { ${name} } from ${JSON.stringify(file)}`,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform,
    conditions: [platform, 'module', 'import'],
  })
  return { text: result.outputFiles[0]!.text, inputs: Object.keys(result.metafile.inputs) }
}

describe('what tracing adds to a bundle', () => {
  it('in a browser: at most 16 kB, minified and gzipped, OpenTelemetry in it', async () => {
    const { text, inputs } = await bundle('tracing-web', 'createTracing', 'browser')
    expect(inputs.some((path) => path.includes('@opentelemetry/sdk-trace'))).toBe(true)
    expect(gzipSync(text).length).toBeLessThanOrEqual(16_000)
  })

  it.each([
    ['node', 'node'],
    ['edge', 'browser'],
  ] as const)(
    'nothing of OpenTelemetry, and nothing that writes spans, where it is not imported (%s)',
    async (entry, platform) => {
      const { text, inputs } = await bundle(entry, 'Raindrop', platform)
      expect(inputs.filter((path) => path.includes('opentelemetry'))).toEqual([])
      expect(/traceloop|SUPPRESS_TRACING|startTimeUnixNano/.exec(text)).toBeNull()
    },
  )
})

import { join } from 'node:path'
import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

const app = `
import { createRaindrop } from './src/edge/index.ts'
import { createFeedbackTokens, createRelay } from './src/relay/index.ts'
import { createRelayRoute } from './src/next/index.ts'

export async function main() {
  const bodies = []
  const fetch = async (url, { body }) => {
    bodies.push(body)
    return new Response('{}')
  }
  const raindrop = createRaindrop({ writeKey: 'key', fetch })
  const tokens = createFeedbackTokens({ secret: 'a secret of more than thirty-two characters' })
  const body = JSON.stringify({
    v: 1,
    records: [
      { id: 'r1', kind: 'signal', token: await tokens.mint('e1'), body: { signal_name: 'thumbs_up', properties: { $signal_id: 's1' } } },
      { id: 'r2', kind: 'signal', token: await tokens.mint('e1', { subject: 'bob' }), body: { signal_name: 'thumbs_up' } },
    ],
  })
  const packed = await new Response(new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
  const answers = []
  for (const [handle, sent, query] of [[createRelay({ raindrop, tokens }), body, ''], [createRelayRoute({ raindrop, tokens }).POST, packed, '?z=1']]) {
    const response = await handle(new Request('https://app.example/api' + query, { method: 'POST', body: sent, headers: { 'content-type': 'text/plain', origin: 'https://app.example' } }))
    answers.push(await response.json())
  }
  return JSON.stringify({ answers, bodies })
}
`

it('a relay takes a vote in the edge runtime, with nothing of Node', async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: app, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'app',
    platform: 'neutral',
    mainFields: ['module'],
    conditions: ['edge-light', 'browser', 'import'],
    external: ['next/server.js'],
    tsconfigRaw: {
      compilerOptions: { baseUrl: root, paths: { 'raindrop-js/relay': ['./src/relay/index.ts'] } },
    } as never,
  })
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path))
  expect(imports.filter((path) => path.startsWith('node:'))).toEqual([])
  const vm = new EdgeVM()
  // The machine's own: edge-runtime leaves out the two that every edge host has.
  Object.assign(vm.context, { CompressionStream, DecompressionStream })
  const { answers, bodies } = JSON.parse(await vm.evaluate<Promise<string>>(`${outputFiles[0]!.text}\napp.main()`)) as {
    answers: unknown[]
    bodies: string[]
  }
  const answer = { accepted: ['r1'], rejected: [{ id: 'r2', reason: 'wrong_subject' }] }
  expect(answers).toEqual([answer, answer])
  expect(bodies.map((body) => JSON.parse(body) as unknown)).toMatchObject([
    [{ event_id: 'e1', signal_name: 'thumbs_up' }],
    [{ event_id: 'e1', signal_name: 'thumbs_up' }],
  ])
})

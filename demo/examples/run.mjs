// node demo/examples/run.mjs <example>. RAINDROP_WRITE_KEY says as whom, RAINDROP_ENDPOINT where to (default: the hosted API).
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [name = ''] = process.argv.slice(2)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
if (!/^[\w-]+$/.test(name)) {
  console.error(
    'Usage: node demo/examples/run.mjs openai-tool-calls | interaction-decorator | task-and-tool-spans | manual-span | ax',
  )
  process.exit(1)
}
const outfile = here(`.cache/${name}.mjs`)
// Node 20 runs no TypeScript, and no runtime has decorators yet.
await build({
  entryPoints: [here(`${name}.ts`)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
})
await import(pathToFileURL(outfile).href)

import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { build as buildWithVite, type Rollup } from 'vite'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { execute, nodeImports } from './execute'

const project = inject('project')

const app = `
import { Raindrop } from 'raindrop-js'
export async function main() {
  const bodies = []
  const raindrop = new Raindrop({
    writeKey: 'key',
    fetch: async (url, init) => {
      bodies.push(String(url))
      return new Response('{}', { status: 200 })
    },
  })
  raindrop.trackAi({ event: 'chat', userId: 'u1', input: 'hi' })
  const report = await raindrop.shutdown()
  return JSON.stringify({ ...report, bodies })
}
`
const delivered = { delivered: 1, pending: 0, bodies: [expect.stringContaining('/events/track')] }

async function bundle(platform: 'browser' | 'node' | 'neutral', conditions: string[] = []): Promise<string> {
  const result = await build({
    stdin: { contents: app, resolveDir: project },
    absWorkingDir: project,
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'app',
    platform,
    conditions,
    logLevel: 'silent',
  })
  expect(result.warnings).toEqual([])
  return result.outputFiles[0]!.text
}

describe('bundles', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(project, 'bundles-'))
  })

  const runInNode = async (name: string, code: string) => {
    await writeFile(join(folder, name), `${code}\napp.main().then(console.log)`)
    const { stdout, stderr } = await execute(process.execPath, [join(folder, name)], { cwd: project })
    expect(stderr).toBe('')
    return JSON.parse(stdout) as unknown
  }

  it('by esbuild for the browser: nothing of Node in it', async () => {
    const code = await bundle('browser')
    expect(nodeImports(code)).toEqual([])
  })

  it('by esbuild for Node: delivers', async () => {
    expect(await runInNode('node.cjs', await bundle('node'))).toMatchObject(delivered)
  })

  it.each(['edge-light', 'workerd'])(
    'by esbuild for %s: nothing of Node in it, and the edge runtime executes it',
    async (condition) => {
      const code = await bundle('neutral', [condition, 'import'])
      expect(nodeImports(code)).toEqual([])
      const vm = new EdgeVM()
      const answer = await vm.evaluate<Promise<string>>(`${code}\napp.main()`)
      expect(JSON.parse(answer)).toMatchObject(delivered)
    },
  )

  it('by Vite: nothing of Node in it', async () => {
    await writeFile(join(folder, 'app.js'), app)
    await writeFile(join(folder, 'main.js'), `import { main } from './app.js'\nmain().then(console.log)`)
    await writeFile(join(folder, 'index.html'), '<script type="module" src="./main.js"></script>')
    const warnings: string[] = []
    const output = (await buildWithVite({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        minify: false,
        rolldownOptions: { onwarn: (warning) => warnings.push(warning.message ?? '') },
      },
    })) as Rollup.RollupOutput
    const code = output.output.map((file) => ('code' in file ? file.code : '')).join('\n')
    expect(warnings).toEqual([])
    expect(code.includes('Raindrop')).toBe(true)
    expect(nodeImports(code)).toEqual([])
    expect(code.includes('__vite-browser-external')).toBe(false)
  })
})

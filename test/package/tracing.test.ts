import { join } from 'node:path'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { execute, packageRoot } from './execute'

const project = inject('project')

const tryTracing = `
  try {
    createTracing()
    console.log('made')
  } catch (error) {
    console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }))
  }`
const scripts = {
  'tracing.mjs': `import { createTracing } from 'raindrop-js/tracing'\n${tryTracing}`,
  'tracing.cjs': `const { createTracing } = require('raindrop-js/tracing')\n${tryTracing}`,
}

describe('the tracing entry of the packed package', () => {
  let complete: string

  beforeAll(async () => {
    for (const [name, code] of Object.entries(scripts)) await writeFile(join(project, name), code)
    // A project that has OpenTelemetry as well: this repository's.
    complete = await mkdtemp(join(tmpdir(), 'raindrop-tracing-'))
    await cp(project, complete, { recursive: true })
    await mkdir(join(complete, 'node_modules/@opentelemetry'), { recursive: true })
    for (const name of ['api', 'sdk-trace-base', 'sdk-trace-node', 'sdk-trace-web']) {
      await symlink(
        join(packageRoot, 'node_modules/@opentelemetry', name),
        join(complete, 'node_modules/@opentelemetry', name),
      )
    }
  })
  afterAll(() => rm(complete, { recursive: true, force: true }))

  it.each(Object.keys(scripts))('without OpenTelemetry says what to install (%s)', async (script) => {
    const { stdout, stderr } = await execute(process.execPath, [script], { cwd: project })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      name: 'RaindropError',
      code: 'tracing',
      message: expect.stringMatching(
        /Run: npm install @opentelemetry\/api@\S+ @opentelemetry\/sdk-trace-base@\S+ @opentelemetry\/sdk-trace-node@\S+$/,
      ),
    })
  })

  it.each(Object.keys(scripts))('with it works (%s)', async (script) => {
    const { stdout, stderr } = await execute(process.execPath, [script], { cwd: complete })
    expect([stdout, stderr]).toEqual(['made\n', ''])
  })

  it.each([
    ['node16', 'node16', 'tracing.mts'],
    ['node16', 'node16', 'tracing.cts'],
    ['esnext', 'bundler', 'tracing.mts'],
  ])(
    'has types that compile under strict, with skipLibCheck off (%s, %s, %s)',
    async (module, moduleResolution, file) => {
      const source = `import { Raindrop } from 'raindrop-js'
      import { createTracing, traceFetch, type TracingOptions } from 'raindrop-js/tracing'
      import { trace } from '@opentelemetry/api'
      const options: TracingOptions = { provider: trace.getTracerProvider(), bypassOtelForTools: false }
      const raindrop = new Raindrop({ tracing: createTracing(options) })
      export const fetched: typeof fetch = traceFetch(raindrop.begin({ event: 'chat', userId: 'u' }))`
      await writeFile(join(complete, file), source)
      const compilerOptions = {
        target: 'es2022',
        lib: ['es2022', 'dom'],
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        types: [],
        module,
        moduleResolution,
      }
      await writeFile(join(complete, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
      const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc')
      const { stdout } = await execute(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: complete })
      expect(stdout).toBe('')
    },
  )

  it.each(['node', 'browser'] as const)('can be bundled with OpenTelemetry in it (%s)', async (platform) => {
    const result = await build({
      entryPoints: [join(complete, 'tracing.mjs')],
      bundle: true,
      platform,
      format: platform === 'node' ? 'cjs' : 'iife',
      write: false,
      metafile: true,
    })
    expect(Object.keys(result.metafile.inputs).some((path) => path.includes('@opentelemetry/sdk-trace'))).toBe(true)
    const bundled = join(project, `bundled-${platform}.cjs`)
    await writeFile(bundled, result.outputFiles[0]!.text)
    // In the project that has no OpenTelemetry: all of it is in the bundle.
    expect((await execute(process.execPath, [bundled], { cwd: project })).stdout).toBe('made\n')
  })
})

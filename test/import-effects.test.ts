import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entries } from './package/execute'

const watcher = fileURLToPath(new URL('./fixtures/watch-import.mjs', import.meta.url))
const built = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url))

/** What importing `specifier` did, in a process of its own. */
const effectsInNode = (specifier: string, kind: 'import' | 'require') =>
  new Promise<string[]>((resolve, reject) => {
    execFile(process.execPath, [watcher, specifier, kind], (error, stdout, stderr) => {
      if (error) reject(new Error(stderr, { cause: error }))
      else resolve(JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as string[])
    })
  })

/** Reports what a script does to the runtime around it. */
const watchInEdge = (code: string) => `
  const effects = []
  for (const name of ['setTimeout', 'setInterval', 'queueMicrotask', 'fetch', 'addEventListener']) {
    const original = globalThis[name]
    if (original) globalThis[name] = (...args) => { effects.push(name + '()'); return original(...args) }
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = () => effects.push('console.' + name)
  const before = new Map(Reflect.ownKeys(globalThis).map((key) => [key, globalThis[key]]));
  (() => { ${code} })()
  for (const key of Reflect.ownKeys(globalThis)) if (!Object.is(before.get(key), globalThis[key])) effects.push('changed ' + String(key))
  JSON.stringify(effects)
`

async function effectsInEdge(entry: string): Promise<string[]> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['edge-light', 'import'],
  })
  return JSON.parse(new EdgeVM().evaluate(watchInEdge(result.outputFiles[0]!.text))) as string[]
}

describe('rule 3: importing any entry does nothing', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raindrop-import-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(entries)('import %s, Node', async (entry) => {
    expect(await effectsInNode(entry, 'import')).toEqual([])
  })

  it.each(entries)('require %s, Node', async (entry) => {
    expect(await effectsInNode(entry, 'require')).toEqual([])
  })

  it.each(['esm/edge.js', 'esm/browser.js'].map(built).filter((file) => existsSync(file)))(
    'import %s, edge runtime',
    async (file) => {
      expect(await effectsInEdge(file)).toEqual([])
    },
  )

  it.each([
    ['a timer', 'setInterval(() => {}, 1000).unref()', 'setInterval()'],
    ['a request', `void fetch('http://127.0.0.1:1').catch(() => {})`, 'fetch()'],
    ['a file', `import fs from 'node:fs'; fs.mkdirSync('.', { recursive: true })`, 'fs.mkdirSync()'],
    ['a listener', `process.on('exit', () => {})`, 'process.on()'],
    ['a line printed', `console.log('hello')`, 'console.log()'],
    ['a look at storage', 'globalThis.localStorage', 'read localStorage'],
    ['a new global', 'globalThis.raindrop = 1', 'added globalThis.raindrop'],
    ['a patched prototype', 'Array.prototype.last = function () {}', 'added Array.prototype.last'],
    ['a patched method', 'Promise.prototype.finally = function () {}', 'changed Promise.prototype.finally'],
  ])('is seen broken by %s', async (_, code, effect) => {
    const file = join(folder, `${effect.replaceAll(/\W/g, '-')}.mjs`)
    await writeFile(file, code)
    expect(await effectsInNode(file, 'import')).toContain(effect)
  })

  it('is seen broken in the edge runtime by a timer', async () => {
    const file = join(folder, 'timer.js')
    await writeFile(file, 'setTimeout(() => {}, 0)')
    expect(await effectsInEdge(file)).toContain('setTimeout()')
  })
})

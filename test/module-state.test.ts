import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findModuleState } from './module-state'

const source = fileURLToPath(new URL('../src', import.meta.url))

const shipped = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !/\.(test|test-d|contract|d)\.tsx?$/.test(file),
)

describe('rule 4: no module-level state', () => {
  it('holds in every shipped file', () => {
    const found = shipped.flatMap((file) => findModuleState(`src/${file}`, readFileSync(join(source, file), 'utf8')))
    expect(found).toEqual([])
  })

  it.each([
    ['let count = 0', 'count is a module-level let'],
    ['export let current: unknown', 'current is a module-level let'],
    ['const seen = new Set<string>()\nexport const see = (id: string) => seen.add(id)', 'seen is written to'],
    ['const cache: Record<string, 1> = {}\nexport function put(k: string) { cache[k] = 1 }', 'cache is written to'],
    ['const state = { n: 0 }\nexport const next = () => ++state.n', 'state is written to'],
    ['export const queue = [] as string[]\nexport const put = (x: string) => { queue.push(x) }', 'queue is written to'],
    ['const clients = new WeakMap()', 'clients is a module-level instance'],
    ['const context = new AsyncLocalStorage()', 'context is a module-level instance'],
    ['class A { static instances = 0 }', 'static instances is shared by all instances'],
    ['class A { static { register(A) } }', 'static block'],
  ])('is seen broken by: %s', (text, why) => {
    expect(findModuleState('x.ts', text)).toEqual([expect.stringContaining(why)])
  })

  it.each([
    "const names = new Set(['a', 'b'])\nexport const isName = (x: string) => names.has(x)",
    'export const defaults = { uploadSize: 10 } as const',
    'const pattern = new RegExp(String.fromCharCode(0))',
    'export class Client { private n = 0; bump() { this.n++; const list = []; list.push(1) } }',
    "class A { static readonly kind = 'a' }",
    'declare let global: unknown',
  ])('is kept by: %s', (text) => {
    expect(findModuleState('x.ts', text)).toEqual([])
  })
})

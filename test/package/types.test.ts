import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { execute, packageRoot } from './execute'

const project = inject('project')
const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc')

const strict = { target: 'es2022', strict: true, skipLibCheck: false, noEmit: true, types: [] as string[] }
const dom = { ...strict, lib: ['es2022', 'dom'] }
/** Node's own types instead of the DOM's, from this repository: the empty project has none. */
const nodeTypes = {
  ...strict,
  lib: ['es2022'],
  typeRoots: [join(packageRoot, 'node_modules/@types')],
  types: ['node'],
}
const node16 = { module: 'node16', moduleResolution: 'node16' }
const bundler = { module: 'esnext', moduleResolution: 'bundler' }

async function compile(name: string, compilerOptions: object, files: string[]) {
  const config = `tsconfig.${name}.json`
  await writeFile(join(project, config), JSON.stringify({ compilerOptions, files }))
  const { stdout } = await execute(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: project })
  return stdout
}

describe('the types compile under strict, with skipLibCheck off', () => {
  it.each([
    ['node16, ES module', { ...dom, ...node16 }, ['consumer.ts']],
    ['node16, CommonJS', { ...dom, ...node16 }, ['consumer.cts']],
    ['bundler', { ...dom, ...bundler }, ['consumer.ts']],
    ['node16, Node types and no DOM', { ...nodeTypes, ...node16 }, ['consumer.ts', 'consumer.cts']],
    ['exactOptionalPropertyTypes', { ...dom, ...bundler, exactOptionalPropertyTypes: true }, ['consumer.ts']],
  ])('%s', async (name, options, files) => {
    expect(await compile(name.replaceAll(/\W+/g, '-'), options, files)).toBe('')
  })
})

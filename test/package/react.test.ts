import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { execute, packageRoot } from './execute'

const project = inject('project')
const installed = join(project, 'node_modules/raindrop-js')
const tool = (path: string) => join(packageRoot, 'node_modules', path)

describe('the built entry for React', () => {
  it.each(['esm/react.js', 'cjs/react.cjs'])('says on line 1 that it is for clients: %s', async (file) => {
    const [line] = (await readFile(join(installed, 'dist', file), 'utf8')).split('\n')
    expect(line).toMatch(/^['"]use client['"];$/)
  })

  it('says so nowhere else', async () => {
    const files = await readdir(join(installed, 'dist'), { recursive: true })
    const others = files.filter((file) => /\.c?js$/.test(file) && !/[/\\]react\.c?js$/.test(file))
    const marked = []
    for (const file of others) {
      if (/^['"]use client/m.test(await readFile(join(installed, 'dist', file), 'utf8'))) marked.push(file)
    }
    expect(marked).toEqual([])
  })
})

describe.each(['18.2.0', '19'])('with React %s', (version) => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(project, 'react-'))
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const packages = [`react@${version}`, `react-dom@${version}`, `@types/react@${version.split('.')[0]}`]
    const test = ['@testing-library/react@16.3.3', '@testing-library/dom@10.4.2']
    await execute(
      'npm',
      ['install', ...packages, ...test, '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: folder },
    )
    // As if the package were installed beside this React.
    for (const name of ['raindrop-js', 'zustand', 'idb-keyval']) {
      await cp(join(project, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true })
    }
    for (const name of ['react-consumer.tsx', 'react-draw.mjs']) {
      await cp(join(packageRoot, 'test/package/fixtures', name), join(folder, name))
    }
  })

  it('draws on a server, imported and required', async () => {
    const { stdout, stderr } = await execute(process.execPath, ['react-draw.mjs'], { cwd: folder })
    expect(stderr).toBe('')
    const drawn = JSON.parse(stdout) as { version: string }
    expect(drawn).toMatchObject({ isSame: true, isPressed: true })
    expect(drawn.version.startsWith(version)).toBe(true)
  })

  it.each([
    ['node16', { module: 'node16', moduleResolution: 'node16' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ])('compiles under strict, with skipLibCheck off: %s', async (name, options) => {
    const compilerOptions = {
      ...options,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      jsx: 'react-jsx',
      strict: true,
      noEmit: true,
      types: [],
    }
    const config = `tsconfig.${name}.json`
    await writeFile(join(folder, config), JSON.stringify({ compilerOptions, files: ['react-consumer.tsx'] }))
    const args = [tool('typescript/bin/tsc'), '-p', config, '--pretty', 'false']
    expect((await execute(process.execPath, args, { cwd: folder })).stdout).toBe('')
  })

  // The unit tests run with 19 anyway.
  it.runIf(version.startsWith('18'))('passes the unit tests', async () => {
    const args = [
      tool('vitest/vitest.mjs'),
      'run',
      '--config',
      'test/package/react.config.ts',
      '--root',
      '.',
      'src/react',
    ]
    const { stdout } = await execute(process.execPath, args, {
      cwd: packageRoot,
      env: { REACT_FOLDER: folder, NO_COLOR: '1' },
    })
    expect(stdout).toMatch(/Tests +\d+ passed/)
  })
})

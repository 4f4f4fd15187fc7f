import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { type ExportTarget, manifest, nodeImports } from './execute'

const project = inject('project')
const installed = join(project, 'node_modules/raindrop-js')

const leaves = (target: ExportTarget): string[] =>
  typeof target === 'string' ? [target] : Object.values(target).flatMap(leaves)

/** The text of a built file and of everything it imports by a relative path. */
function withImports(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import|require\()\s*['"](\.[^'"]+)['"]/g)].map((match) => match[1]!)
  return [text, ...specifiers.flatMap((specifier) => withImports(join(dirname(file), specifier), seen))]
}

describe('the packed package', () => {
  it('holds the build, its manifest, the license and the readme, and nothing else', () => {
    const others = inject('packed').filter((path) => !path.startsWith('dist/'))
    expect(others.filter((path) => !['LICENSE', 'README.md', 'package.json'].includes(path))).toEqual([])
    expect(others).toContain('LICENSE')
  })

  it('has every file that its exports name', () => {
    expect(leaves(manifest.exports).filter((file) => !existsSync(join(installed, file)))).toEqual([])
  })

  it('asks runtimes in the order that all of them resolve correctly', () => {
    expect(Object.keys(manifest.exports['.']!)).toEqual([
      'workerd',
      'edge-light',
      'browser',
      'node',
      'import',
      'require',
    ])
  })

  it('brings the licenses of what is bundled into it', () => {
    const text = readFileSync(join(installed, 'dist/third-party-licenses.txt'), 'utf8')
    expect(text.match(/^(nanoid|valibot) \d/gm)?.map((line) => line.split(' ')[0])).toEqual(['nanoid', 'valibot'])
  })

  it('has a source map beside every script', () => {
    const scripts = inject('packed').filter((path) => /\.c?js$/.test(path))
    expect(scripts.length).toBeGreaterThan(0)
    expect(scripts.filter((path) => !inject('packed').includes(`${path}.map`))).toEqual([])
  })

  it('depends on nanoid, idb-keyval and zustand, and on nothing else', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(['idb-keyval', 'nanoid', 'zustand'])
    const present = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(present.sort()).toEqual(['idb-keyval', 'nanoid', 'raindrop-js', 'zustand'])
  })

  it('installs in at most 1.2 MB, source maps left out', () => {
    const files = readdirSync(join(project, 'node_modules'), { recursive: true, encoding: 'utf8' })
    const bytes = files
      .filter((file) => !file.endsWith('.map'))
      .map((file) => statSync(join(project, 'node_modules', file)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(1_200_000)
  })

  it.each(['edge.js', 'browser.js'].filter((name) => existsSync(join(installed, 'dist/esm', name))))(
    'imports nothing from Node in %s',
    (name) => {
      expect(nodeImports(withImports(join(installed, 'dist/esm', name)).join('\n'))).toEqual([])
    },
  )

  it('imports from Node in node.js: the check above can see it', () => {
    expect(nodeImports(withImports(join(installed, 'dist/esm/node.js')).join('\n'))).not.toEqual([])
  })

  it('leaves zustand to the project that installs it, so that there is one store', () => {
    expect(withImports(join(installed, 'dist/esm/node.js')).join('\n')).toContain("from 'zustand/vanilla'")
  })

  it('takes the SDK in its testing entry by package name', () => {
    expect(withImports(join(installed, 'dist/esm/testing.js')).join('\n')).toContain("from 'raindrop-js'")
    expect(withImports(join(installed, 'dist/cjs/testing.cjs')).join('\n')).toContain("require('raindrop-js')")
  })
})

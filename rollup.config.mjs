import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { transform } from 'esbuild'
import dts from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

const manifest = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'))

/**
 * Built file → source. All in one graph, so that what they share is one chunk and one copy of it.
 * A new entry is one line here, one in `declarations` and one leaf in the exports of package.json.
 */
const entries = {
  node: 'src/node/index.ts',
  browser: 'src/browser/index.ts',
  edge: 'src/edge/index.ts',
  testing: 'src/testing/index.ts',
  relay: 'src/relay/index.ts',
  next: 'src/next/index.ts',
  react: 'src/react/index.ts',
  tracing: 'src/tracing/node.ts',
  'tracing-bundled': 'src/tracing/bundled.ts',
  'tracing-web': 'src/tracing/browser.ts',
  internal: 'src/internal/index.ts',
  ax: 'src/integrations/ax/index.ts',
  'ai-sdk': 'src/integrations/ai-sdk/index.ts',
}

/** The public types are the same on every platform: one set of declarations per subpath, not per runtime. */
const declarations = {
  index: 'src/node/index.ts',
  testing: 'src/testing/index.ts',
  relay: 'src/relay/index.ts',
  next: 'src/next/index.ts',
  react: 'src/react/index.ts',
  tracing: 'src/tracing/node.ts',
  internal: 'src/internal/no-public-api.ts',
  ax: 'src/integrations/ax/index.ts',
  'ai-sdk': 'src/integrations/ai-sdk/index.ts',
}

/**
 * nanoid is a dependency, but its browser file is bundled into every build: its default file imports `node:crypto`, it has no CommonJS
 * form, and core is one chunk for all platforms.
 */
const bundled = new Set(['nanoid'])
const packages = [
  manifest.name,
  ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => !bundled.has(name)),
]

/** Subpaths included: `zustand/vanilla` must stay outside, or an app would hold two copies of the store. */
const external = (id) => id.startsWith('node:') || packages.some((name) => id === name || id.startsWith(`${name}/`))

const clean = { name: 'clean', buildStart: () => rmSync('dist', { recursive: true, force: true }) }

/** What is bundled is distributed: its license goes along. */
const licenses = {
  name: 'licenses',
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => Object.keys(file.modules ?? {}))
    const folders = new Set(modules.flatMap((id) => id.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []))
    const texts = [...folders].sort().map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
      if (!file) throw new Error(`${name} is bundled and has no license file`)
      return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    })
    this.emitFile({ type: 'asset', fileName: 'third-party-licenses.txt', source: texts.join('\n---\n\n') })
  },
}

/** Minified, beside the script that needs it. An app imports it by name. */
const styles = {
  name: 'styles',
  async generateBundle() {
    const { code } = await transform(readFileSync('src/react/styles.css', 'utf8'), { loader: 'css', minify: true })
    this.emitFile({ type: 'asset', fileName: 'react/styles.css', source: code })
    // TypeScript looks for a declaration of what is imported for its effect, too.
    this.emitFile({ type: 'asset', fileName: 'react/styles.d.ts', source: 'export {}\n' })
  },
}

/** Rollup drops directives; React's entry needs its own back, and no shared chunk may have it. */
const banner = (chunk) => (chunk.isEntry && chunk.name === 'react' ? "'use client';" : '')

const output = (format, folder, extension) => ({
  dir: 'dist',
  format,
  entryFileNames: `${folder}/[name].${extension}`,
  chunkFileNames: `${folder}/shared/[name].${extension}`,
  exports: 'named',
  hoistTransitiveImports: false,
  sourcemap: true,
  banner,
})

const types = (extension) => ({
  dir: 'dist/types',
  format: 'es',
  entryFileNames: `[name].${extension}`,
  chunkFileNames: `shared/[name].${extension}`,
  // `Symbol.dispose` in a signature needs it where the reader's own `lib` is older.
  banner: '/// <reference lib="esnext.disposable" />',
})

const fail = (warning) => {
  throw new Error(warning.message)
}

/** @type {import('rollup').RollupOptions[]} */
const config = [
  {
    input: entries,
    external,
    plugins: [
      clean,
      nodeResolve({ exportConditions: ['browser'], browser: true }),
      esbuild({ target: 'es2022', jsx: 'automatic', tsconfig: false }),
      licenses,
      styles,
    ],
    treeshake: { moduleSideEffects: 'no-external' },
    onwarn: fail,
    output: [output('es', 'esm', 'js'), output('cjs', 'cjs', 'cjs')],
  },
  {
    input: declarations,
    external,
    plugins: [dts({ tsconfig: 'tsconfig.json', compilerOptions: { paths: {}, incremental: false } })],
    onwarn: fail,
    output: [types('d.ts'), types('d.cts')],
  },
]

export default config

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const { layers, filesNamed } = createRequire(import.meta.url)('../scripts/core-layers.cjs') as {
  layers: string[][]
  filesNamed: (names: string[]) => string
}

/** A small tree that breaks each rule once, beside files that keep them. Target files exist, since only what resolves is judged. */
const tree: Record<string, string> = {
  'src/core/types.ts': `import type { StoreApi } from 'zustand/vanilla'\nexport type A = StoreApi<number>`,
  'src/core/queue.ts': `import { nanoid } from 'nanoid'\nexport type { A } from './types.js'\nexport const id = nanoid`,
  'src/core/wire.ts': `import { readFileSync } from 'node:fs'\nexport const read = readFileSync`,
  'src/core/store.ts': `import { create } from 'zustand'\nexport const make = create`,
  'src/core/retry.ts': `import { clock } from '../node/clock.js'\nexport const c = clock`,
  'src/core/values.ts': `import type { Client } from './client.js'\nexport type V = Client`,
  'src/core/size.ts': `import { id } from './queue.js'\nexport const s = id`,
  'src/core/tracing.ts': `import { trace } from '@opentelemetry/api'\nexport const t = trace`,
  'src/core/delivery.ts': `import type { Span } from '@opentelemetry/api'\nexport type S = Span`,
  'src/core/client.ts': `export { s } from './size.js'\nexport type { S } from './delivery.js'\nexport interface Client { a: 1 }`,
  'src/core/errors.ts': `import { it } from './errors.test.js'\nexport const e = it`,
  'src/core/errors.test.ts': `import { readFileSync } from 'node:fs'\nexport const it = readFileSync`,
  'src/node/clock.ts': `import { edge } from '../edge/index.js'\nexport const clock = edge`,
  'src/node/index.ts': `export { page } from '../browser/page.js'`,
  'src/browser/page.ts': `import type { clock } from '../node/clock.js'\nexport const page: typeof clock | 1 = 1`,
  'src/edge/index.ts': `import { gzip } from 'node:zlib'\nexport const edge = gzip`,
  'src/edge/keep.ts': `export { page } from '../browser/page.js'`,
  'src/web/clock.ts': `import { setTimeout } from 'node:timers'\nexport const wait = setTimeout`,
  'src/web/transport.ts': `export { clock } from '../node/clock.js'\nexport type { A } from '../core/types.js'`,
  'src/react/index.ts': `import { s } from '../core/client.js'\nimport type { A } from '../core/types.js'\nexport const a: A | typeof s = s`,
  'src/testing/index.ts': `export { clock } from '../node/clock.js'`,
  'src/relay/index.ts': `import { createHmac } from 'node:crypto'\nimport type { A } from '../core/types.js'\nexport const a: A | typeof createHmac = createHmac`,
  'src/next/index.ts': `export { edge } from '../edge/index.js'`,
  'demo/page.ts': `export { clock } from '../src/node/clock.js'`,
  'bench/run.ts': `export * from '../dist/esm/node.js'`,
  'e2e/journey.ts': `export { page } from '../src/browser/page.js'`,
  'dist/esm/node.js': `export const built = 1`,
  // An optional peer: a stand-in serves, since it may not be installed.
  'node_modules/@opentelemetry/api/package.json': `{ "name": "@opentelemetry/api", "version": "1.9.1", "main": "index.js" }`,
  'node_modules/@opentelemetry/api/index.js': `exports.trace = {}`,
}

/** One line per violation: rule, from, to. */
const expected = [
  'core-is-closed: src/core/wire.ts → fs',
  'core-is-closed: src/core/store.ts → zustand',
  'core-is-closed: src/core/retry.ts → src/node/clock.ts',
  'core-opentelemetry-types-only: src/core/tracing.ts → @opentelemetry/api',
  'core-direction-0: src/core/values.ts → src/core/client.ts',
  'core-direction-0: src/core/size.ts → src/core/queue.ts',
  'source-ships-no-tests: src/core/errors.ts → src/core/errors.test.ts',
  'platforms-apart: src/node/clock.ts → src/edge/index.ts',
  'platforms-apart: src/node/index.ts → src/browser/page.ts',
  'platforms-apart: src/browser/page.ts → src/node/clock.ts',
  'platforms-apart: src/edge/keep.ts → src/browser/page.ts',
  'edge-is-web-standard: src/edge/index.ts → zlib',
  'edge-is-web-standard: src/web/clock.ts → timers',
  'platforms-apart: src/web/transport.ts → src/node/clock.ts',
  'react-receives-a-client: src/react/index.ts → src/core/client.ts',
  'entries-by-name: src/testing/index.ts → src/node/clock.ts',
  'edge-is-web-standard: src/relay/index.ts → crypto',
  'entries-by-name: src/next/index.ts → src/edge/index.ts',
  'consumers-use-the-package: demo/page.ts → src/node/clock.ts',
  'consumers-use-the-package: e2e/journey.ts → src/browser/page.ts',
  'consumers-stay-home: bench/run.ts → dist/esm/node.js',
]

interface Cruise {
  summary: { violations: Array<{ rule: { name: string }; from: string; to: string }> }
}

/** Paths into node_modules shorten to the package's name. */
const place = (path: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path

function cruise(folder: string): Promise<string[]> {
  const cli = join(root, 'node_modules/.bin/depcruise')
  const args = ['--config', '.dependency-cruiser.cjs', 'src', 'demo', 'bench', 'e2e', '-T', 'json']
  return new Promise((resolve, reject) => {
    execFile(cli, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      if (!stdout) return reject(error ?? new Error('dependency-cruiser said nothing'))
      const { summary } = JSON.parse(stdout) as Cruise
      resolve(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${place(to)}`))
    })
  })
}

describe('the import boundaries', () => {
  let folder: string
  let found: string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raindrop-boundaries-'))
    await cp(join(root, '.dependency-cruiser.cjs'), join(folder, '.dependency-cruiser.cjs'))
    await cp(join(root, 'scripts/core-layers.cjs'), join(folder, 'scripts/core-layers.cjs'))
    for (const name of ['nanoid', 'zustand']) {
      await mkdir(join(folder, 'node_modules'), { recursive: true })
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    }
    await writeFile(join(folder, 'package.json'), '{ "name": "raindrop-js", "type": "module" }')
    for (const [file, text] of Object.entries(tree)) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text)
    }
    found = await cruise(folder)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(expected)('report %s', (violation) => {
    expect(found).toContain(violation)
  })

  it('report nothing else: what the rules allow stays allowed', () => {
    expect([...found].sort()).toEqual([...expected].sort())
  })

  it('know the layer of every file in core', async () => {
    const files = (await readdir(join(root, 'src/core'), { recursive: true })).filter(
      (file) => file.endsWith('.ts') && !/\.(test|fault\.test|contract|test-d|d)\.ts$/.test(file),
    )
    const placed = new RegExp(filesNamed(layers.flat()))
    const unplaced = files.map((file) => `src/core/${file}`).filter((file) => !placed.test(file))
    expect(unplaced).toEqual([])
  })
})

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'

const inputs = ['src', 'rollup.config.mjs', 'package.json', 'tsconfig.json', 'tsconfig.base.json']
// Rollup writes it last.
const lastOutput = 'dist/types/index.d.cts'

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  // The folder's own time counts too: it changes when a file in it is deleted.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isCurrent() {
  const built = join(root, lastOutput)
  if (!existsSync(built)) return false
  const builtAt = statSync(built).mtimeMs
  return inputs.every((input) => newest(join(root, input)) <= builtAt)
}

/** Builds the SDK unless dist/ is newer than everything it is made of. */
export async function ensureBuilt() {
  if (isCurrent()) return
  console.log('Building raindrop-js …')
  const code = await run('rollup', ['-c', '--silent'])
  if (code !== 0) throw new Error('The build failed; see above.')
}

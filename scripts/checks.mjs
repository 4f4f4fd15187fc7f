import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { check } from './steps.mjs'
import { root } from './run.mjs'

/** depcruise refuses a folder that is not there. */
const folders = ['src', 'test', 'e2e', 'bench', 'demo'].filter((folder) => existsSync(join(root, folder)))

/** The checks that read the source and build nothing. */
export const sourceChecks = () => [
  check('format', 'oxfmt', ['--check']),
  check('lint', 'oxlint', ['--type-aware', '--deny-warnings']),
  check('types', 'tsc', ['-p', 'tsconfig.json']),
  check('types of core', 'tsc', ['-p', 'src/core']),
  check('types of edge', 'tsc', ['-p', 'src/edge']),
  check('boundaries', 'depcruise', ['--config', '.dependency-cruiser.cjs', ...folders]),
]

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Of this repository. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  version: string
  dependencies: Record<string, string>
  sideEffects: unknown
  exports: Record<string, ExportTarget>
}
export type ExportTarget = string | { [condition: string]: ExportTarget }

export const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Manifest

/** What a user can import: `raindrop-js`, `raindrop-js/testing`, … */
export const entries = Object.keys(manifest.exports)
  .filter((key) => !/\.(json|css)$/.test(key))
  .map((key) => key.replace(/^\./, 'raindrop-js'))

/** Those that need no other package: React brings itself. */
export const bareEntries = entries.filter((entry) => entry !== 'raindrop-js/react')

/** Runs a program to its end; rejects with what it printed when it fails. */
export function execute(
  command: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env }
    // Set by vitest and npm for this process; a user's program does not have them.
    for (const name of ['NODE_OPTIONS', 'NODE_ENV', 'VITEST']) if (!options.env?.[name]) delete env[name]
    execFile(
      command,
      args,
      { cwd: options.cwd, env, timeout: 180_000, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error }))
        else resolve({ stdout, stderr })
      },
    )
  })
}

const builtins =
  'node:[a-z/_]+|assert|async_hooks|buffer|child_process|crypto|events|fs|http|https|net|os|path|process|stream|url|util|zlib'

/** What a script imports from Node. A look at `process.getBuiltinModule`, where there is one, is no import. */
export const nodeImports = (code: string): string[] =>
  code.match(new RegExp(`(?:from|import|\\b__?require)[\\s(]*["'](?:${builtins})(?:/[a-z]+)?["']`, 'g')) ?? []

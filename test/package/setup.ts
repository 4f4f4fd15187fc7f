import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { execute, packageRoot } from './execute'

declare module 'vitest' {
  interface ProvidedContext {
    /** An otherwise empty project in which the packed tarball is installed. */
    project: string
    /** Paths in the tarball. */
    packed: string[]
  }
}

/** Packs what was built and installs it as a user would: no link to this checkout, no dev dependency within reach. */
export async function setup({ provide }: TestProject) {
  if (!existsSync(join(packageRoot, 'dist/types/index.d.cts'))) {
    throw new Error('dist/ is missing. Run `npm run build` first.')
  }
  const project = await mkdtemp(join(tmpdir(), 'raindrop-package-'))
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', project], { cwd: packageRoot })
  const [pack] = JSON.parse(stdout) as [{ filename: string; files: Array<{ path: string }> }]
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  await execute('npm', ['install', join(project, pack.filename), '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: project,
  })
  const fixtures = join(packageRoot, 'test/package/fixtures')
  for (const name of await readdir(fixtures)) await cp(join(fixtures, name), join(project, name))
  provide('project', project)
  provide(
    'packed',
    pack.files.map((file) => file.path),
  )
  return () => rm(project, { recursive: true, force: true })
}

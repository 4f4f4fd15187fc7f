import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Section } from './section'
import { splitSections } from './split-sections'

/** `next` runs in demo/, and the documentation lies beside it. */
export const docsRoot = () => resolve(/* turbopackIgnore: true */ process.env.DEMO_DOCS_ROOT ?? '..')

export interface DocsFile {
  file: string
  /** Changes when the file does. */
  version: string
}

/** The README and everything under docs/. A folder or file that is not there is no error: the documentation may still be small. */
export async function listDocs(root: string): Promise<DocsFile[]> {
  const pages = await readdir(join(root, 'docs'), { recursive: true }).catch(() => [])
  const files = ['README.md', ...pages.map((page) => `docs/${page.replaceAll('\\', '/')}`).sort()]
  const found = files
    // The generated reference would drown the guides.
    .filter((file) => file.endsWith('.md') && !file.startsWith('docs/api/'))
    .map(async (file) => {
      const info = await stat(join(root, file)).catch(() => null)
      return info?.isFile() ? [{ file, version: `${info.mtimeMs}-${info.size}` }] : []
    })
  return (await Promise.all(found)).flat()
}

export async function readSections(root: string, files: readonly DocsFile[]): Promise<Section[]> {
  const pages = files.map(async ({ file }) => splitSections(file, await readFile(join(root, file), 'utf8')))
  return (await Promise.all(pages)).flat()
}

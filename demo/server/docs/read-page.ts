import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { docsRoot, listDocs } from './read-docs'

export interface DocsPage {
  file: string
  title: string
}

/** All pages, the README first and what lies in folders last. Their titles are what they call themselves. */
export async function listPages(): Promise<DocsPage[]> {
  const root = docsRoot()
  const pages = (await listDocs(root)).map(async ({ file }) => ({
    file,
    title: titleOf(file, await readFile(join(root, file), 'utf8')),
  }))
  return (await Promise.all(pages)).sort((a, b) => depthOf(a) - depthOf(b))
}

/** The Markdown of one of them; null for any other file. */
export async function readPage(file: string): Promise<string | null> {
  const root = docsRoot()
  const isPage = (await listDocs(root)).some((page) => page.file === file)
  return isPage ? readFile(join(root, file), 'utf8') : null
}

const titleOf = (file: string, markdown: string) =>
  /^#\s+(.+?)\s*$/m.exec(markdown)?.[1]?.replaceAll('`', '') ?? file.replace(/^.*\//, '').replace(/\.md$/, '')

const depthOf = ({ file }: DocsPage) => file.split('/').length

import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { DocsView } from '../../../components/docs/docs-view'
import { listPages, readPage } from '../../../server/docs/read-page'

interface DocsPageProps {
  params: Promise<{ page?: string[] }>
}

const fileOf = ({ page }: { page?: string[] }) =>
  page ? `docs/${page.map(decodeURIComponent).join('/')}.md` : 'README.md'

export async function generateMetadata({ params }: DocsPageProps): Promise<Metadata> {
  const file = fileOf(await params)
  return { title: (await listPages()).find((page) => page.file === file)?.title ?? 'Not found' }
}

/** The documentation of the repository, so that citations lead somewhere without the internet. */
export default async function DocsPage({ params }: DocsPageProps) {
  await connection()
  const file = fileOf(await params)
  const markdown = await readPage(file)
  if (markdown === null) notFound()
  return <DocsView pages={await listPages()} file={file} markdown={markdown} />
}

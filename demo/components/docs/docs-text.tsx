import Link from 'next/link'
import { createElement, type ReactNode } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { resolveLink } from '../../server/docs/resolve-link'
import { anchorOf } from '../../server/docs/split-sections'
import text from '../chat/answer-text.module.css'
import styles from './docs-text.module.css'

/** A page of Markdown, without HTML, with the anchors that citations name. */
export function DocsText({ file, markdown }: { file: string; markdown: string }) {
  const anchors = new Map<string, number>()
  const heading = (tag: string) =>
    function Heading({ children }: { children?: ReactNode }) {
      return createElement(tag, { id: anchorOf(plainText(children), anchors) }, children)
    }
  const components: Components = {
    ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, heading(tag)])),
    a: ({ href = '', children }) => (
      <DocsLink file={file} href={href}>
        {children}
      </DocsLink>
    ),
    // Pictures of the repository are not served here.
    img: ({ alt }) => <>{alt}</>,
    table: ({ children }) => (
      <div className={text.tableFrame} tabIndex={0} role="region" aria-label="Table">
        <table>{children}</table>
      </div>
    ),
    pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  }
  return (
    <div className={`${text.text} ${styles.text}`} lang="en" dir="ltr">
      <Markdown remarkPlugins={[remarkGfm]} components={components}>
        {markdown}
      </Markdown>
    </div>
  )
}

/** A link to another page leads there; one to a file of the repository stays text. */
function DocsLink({ file, href, children }: { file: string; href: string; children: ReactNode }) {
  if (/^(?:https?:|mailto:)/.test(href)) {
    return (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    )
  }
  const path = resolveLink(file, href)
  return path === null ? <>{children}</> : <Link href={path}>{children}</Link>
}

function plainText(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node)
  if (Array.isArray(node)) return node.map(plainText).join('')
  if (node !== null && typeof node === 'object' && 'props' in node)
    return plainText((node.props as { children?: ReactNode }).children)
  return ''
}

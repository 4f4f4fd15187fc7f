import Link from 'next/link'
import { memo, type MouseEvent, type ReactNode } from 'react'
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import styles from './answer-text.module.css'

interface AnswerTextProps {
  text: string
  /** Element id of the source with this number, for its citation to lead to. */
  sourceId: (number: number) => string
}

/** Markdown without HTML: whatever a passage or a model writes, it stays text. */
export const AnswerText = memo(
  function AnswerText({ text, sourceId }: AnswerTextProps) {
    return (
      <div className={styles.text} dir="auto">
        <Markdown
          remarkPlugins={[remarkGfm]}
          components={{
            a: ({ href, children }) => (
              <AnswerLink href={href ?? ''} sourceId={sourceId}>
                {children}
              </AnswerLink>
            ),
            // No request to a place that a text names.
            img: ({ alt }) => <>{alt}</>,
            table: ({ children }) => (
              <div className={styles.tableFrame} tabIndex={0} role="region" aria-label="Table">
                <table>{children}</table>
              </div>
            ),
            pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
          }}
        >
          {withCitations(text)}
        </Markdown>
      </div>
    )
  },
  (before, after) => before.text === after.text,
)

const citation = '#source-'

/** `[1]` becomes a link, except where it is one already or stands in code. */
const withCitations = (text: string) =>
  text
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/\[(\d{1,2})\](?![([:])/g, `[$1](${citation}$1)`)))
    .join('')

interface AnswerLinkProps {
  href: string
  sourceId: AnswerTextProps['sourceId']
  children: ReactNode
}

function AnswerLink({ href, sourceId, children }: AnswerLinkProps) {
  if (href.startsWith(citation)) {
    const number = Number(href.slice(citation.length))
    return (
      <a
        className={styles.citation}
        href={`#${sourceId(number)}`}
        aria-label={`Source ${number}`}
        onClick={(event) => openSource(event, sourceId(number))}
      >
        {number}
      </a>
    )
  }
  if (/^\/docs(?:[/#]|$)/.test(href)) return <Link href={href}>{children}</Link>
  if (!/^https?:/.test(href)) return <>{children}</>
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  )
}

function openSource(event: MouseEvent, id: string): void {
  const source = document.getElementById(id)
  if (!(source instanceof HTMLDetailsElement)) return
  event.preventDefault()
  source.open = true
  source.querySelector('summary')?.focus({ preventScroll: true })
  source.scrollIntoView({ block: 'nearest' })
}

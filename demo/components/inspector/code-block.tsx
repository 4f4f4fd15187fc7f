'use client'

import { useEffect, useState, type ReactNode } from 'react'
import styles from './code-block.module.css'

/** Colouring a megabyte would freeze the page; it is read as it is. */
const mostCharacters = 50_000

interface CodeBlockProps {
  text: string
  language?: string | undefined
  label: string
}

/** Text with colours as soon as these are there. The library makes elements, never HTML, and is loaded with the first block. */
export function CodeBlock({ text, language, label }: CodeBlockProps) {
  const [coloured, setColoured] = useState<{ text: string; language: string; nodes: ReactNode } | null>(null)

  useEffect(() => {
    if (!language || text.length > mostCharacters) return
    let isCurrent = true
    void import('./highlight').then(
      ({ highlight }) => isCurrent && setColoured({ text, language, nodes: highlight(text, language) }),
      () => undefined, // Without the library the text is without colours.
    )
    return () => {
      isCurrent = false
    }
  }, [text, language])

  const isCurrent = coloured?.text === text && coloured.language === language
  return (
    <pre className={styles.code} tabIndex={0} role="group" aria-label={label}>
      <code>{isCurrent ? coloured.nodes : text}</code>
    </pre>
  )
}

export const JsonBlock = ({ value, label }: { value: unknown; label: string }) => (
  <CodeBlock text={JSON.stringify(value, null, 2)} language="json" label={label} />
)

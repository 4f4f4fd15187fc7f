'use client'

import { useState, type ReactNode } from 'react'
import { CodeBlock } from './code-block'
import type { WireAttachment } from './events'
import styles from './event-detail.module.css'

export function Attachment({ attachment }: { attachment: WireAttachment }) {
  const { type, role, name, language } = attachment
  return (
    <details className={styles.fold}>
      <summary>
        <span className={styles.foldName}>{name ?? type}</span>
        <span className={styles.foldNote}>{[role, type, language].filter(Boolean).join(' · ')}</span>
      </summary>
      <Content attachment={attachment} />
    </details>
  )
}

function Content({ attachment: { type, value, name, language } }: { attachment: WireAttachment }) {
  const label = name ?? type
  if (type === 'image' && imageAddress(value)) {
    return (
      <OnRequest action="Show the image" note={origin(value)} text={value} label={label}>
        {/* A picture of any size from anywhere: nothing for next/image. In <img> an SVG runs no script. */}
        <img className={styles.image} src={value} alt={name ?? 'Attached image'} referrerPolicy="no-referrer" />
      </OnRequest>
    )
  }
  if (type === 'iframe') {
    const address = webAddress(value)
    return (
      <OnRequest
        action={address ? 'Show the page' : 'Show as a page'}
        note={address ? origin(value) : 'without scripts'}
        text={value}
        label={label}
      >
        <iframe
          className={styles.frame}
          title={label}
          // No scripts, no forms, no pop-ups, an origin of its own.
          sandbox=""
          referrerPolicy="no-referrer"
          {...(address ? { src: address } : { srcDoc: `${quietly}${value}` })}
        />
      </OnRequest>
    )
  }
  return (
    <CodeBlock
      text={value}
      language={type === 'code' ? (language?.toLowerCase() ?? 'plaintext') : undefined}
      label={label}
    />
  )
}

/** What an attached page may load: nothing from outside. */
const quietly = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`

interface OnRequestProps {
  action: string
  note: string
  text: string
  label: string
  children: ReactNode
}

/** A look at an event must not tell a stranger's server about it. */
function OnRequest({ action, note, text, label, children }: OnRequestProps) {
  const [isShown, setShown] = useState(false)
  return (
    <>
      <p className={styles.request}>
        <button type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? 'Hide it' : action}
        </button>
        <span>{note}</span>
      </p>
      {isShown ? children : <CodeBlock text={text} label={label} />}
    </>
  )
}

function webAddress(value: string): string | null {
  const url = URL.canParse(value.trim()) ? new URL(value.trim()) : null
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null
}

const imageAddress = (value: string) => webAddress(value) !== null || /^data:image\/[\w.+-]+[;,]/i.test(value)

function origin(value: string): string {
  const address = webAddress(value)
  return address ? `from ${new URL(address).host}` : 'embedded'
}

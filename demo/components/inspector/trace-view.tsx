'use client'

import { useMemo } from 'react'
import { CodeBlock, JsonBlock } from './code-block'
import type { TraceSpan } from './events'
import { duration, traceRows, type TraceRow } from './trace-rows'
import styles from './trace-view.module.css'

const deepest = 8

/** A waterfall: one line per span, which opens to what went in and what came out. */
export function TraceView({ spans }: { spans: readonly TraceSpan[] }) {
  const rows = useMemo(() => traceRows(spans), [spans])
  return (
    <ol className={styles.trace}>
      {rows.map((row) => (
        <li key={row.span.spanId}>
          <Row row={row} />
        </li>
      ))}
    </ol>
  )
}

function Row({ row: { span, depth, left, width } }: { row: TraceRow }) {
  const { name, kind, error, input, output, attributes } = span
  return (
    <details className={styles.row}>
      <summary>
        <span className={styles.name} style={{ paddingLeft: Math.min(depth, deepest) * 14 }}>
          {name}
          {kind && <span className={styles.kind}>{kind}</span>}
          {error && <span className={styles.failed}>failed</span>}
        </span>
        <span className={styles.lane} aria-hidden="true">
          <span
            className={styles.bar}
            data-kind={error ? 'failed' : kind}
            style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
          />
        </span>
        <span className={styles.time}>{duration(span)}</span>
      </summary>
      <div className={styles.inside}>
        {error && <p className={styles.error}>{error}</p>}
        {input !== null && <Payload title="Input" text={input} name={name} />}
        {output !== null && <Payload title="Output" text={output} name={name} />}
        <h4>Attributes</h4>
        <JsonBlock value={attributes} label={`Attributes of ${name}`} />
      </div>
    </details>
  )
}

function Payload({ title, text, name }: { title: string; text: string; name: string }) {
  const json = useMemo(() => asJson(text), [text])
  return (
    <>
      <h4>{title}</h4>
      <CodeBlock text={json ?? text} language={json === null ? undefined : 'json'} label={`${title} of ${name}`} />
    </>
  )
}

function asJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return null
  }
}

import type { ReactNode } from 'react'
import styles from './overview-view.module.css'

interface FigureProps {
  title: string
  /** What the picture says, in one sentence. */
  summary: string
  head: readonly string[]
  rows: readonly (readonly (string | number)[])[]
  children: ReactNode
}

/** A chart with its numbers beside it as a table. */
export function Figure({ title, summary, head, rows, children }: FigureProps) {
  return (
    <figure className={styles.figure}>
      <figcaption>
        <h3 className={styles.figureTitle}>{title}</h3>
        <p className={styles.summary}>{summary}</p>
      </figcaption>
      <div className={styles.chart} role="img" aria-label={`${title}. ${summary}`}>
        <div className={styles.drawing} aria-hidden="true">
          {children}
        </div>
      </div>
      <details className={styles.numbers}>
        <summary>
          Numbers<span className="visually-hidden"> of {title}</span>
        </summary>
        <div className={styles.tableFrame} tabIndex={0} role="region" aria-label={`${title}: numbers`}>
          <table>
            <thead>
              <tr>
                {head.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([first, ...cells]) => (
                <tr key={first}>
                  <th scope="row">{first}</th>
                  {cells.map((cell, index) => (
                    <td key={index}>{typeof cell === 'number' ? cell.toLocaleString('en') : cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

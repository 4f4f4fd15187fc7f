import { diffLines, diffWordsWithSpace, type ChangeObject } from 'diff'
import { useMemo } from 'react'
import styles from './text-diff.module.css'

/** Above this, words take too long and lines say enough. */
const mostForWords = 20_000
const timeout = 300

/** An edit, as text: what went is struck out, what came is underlined. */
export function TextDiff({ before, after }: { before: string; after: string }) {
  const changes = useMemo(() => compare(before, after), [before, after])
  return (
    <p className={styles.diff} role="group" aria-label="Edit">
      {changes.map(({ value, added, removed }, index) => {
        if (added) return <ins key={index}>{value}</ins>
        if (removed) return <del key={index}>{value}</del>
        return <span key={index}>{value}</span>
      })}
    </p>
  )
}

function compare(before: string, after: string): ChangeObject<string>[] {
  const isShort = before.length + after.length < mostForWords
  const found = isShort ? diffWordsWithSpace(before, after, { timeout }) : diffLines(before, after, { timeout })
  // Too different to compare in time.
  return (
    found ?? [
      { value: before, added: false, removed: true, count: 1 },
      { value: after, added: true, removed: false, count: 1 },
    ]
  )
}

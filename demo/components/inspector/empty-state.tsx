import Link from 'next/link'
import styles from './empty-state.module.css'

export function EmptyState({ ingestUrl }: { ingestUrl: string }) {
  return (
    <div className={styles.empty}>
      <h2 className={styles.title}>Nothing has arrived yet</h2>
      <p>
        <Link href="/">Ask a question in the chat</Link>: its interaction shows here by itself. Or send an event
        yourself:
      </p>
      <pre className={styles.command} tabIndex={0}>{`curl ${ingestUrl}/v1/events/track \\
  -H 'Authorization: Bearer demo-key' \\
  -H 'Content-Type: application/json' \\
  -d '[{"event": "hello", "user_id": "me", "ai_data": {"input": "Hi"}}]'`}</pre>
    </div>
  )
}

export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <div className={styles.none}>
      <p>No event matches these filters. Words are found by their beginnings, ids as a whole.</p>
      <button type="button" className={styles.button} onClick={onClear}>
        Clear filters
      </button>
    </div>
  )
}

export function Unreachable({ ingestUrl }: { ingestUrl: string }) {
  return (
    <p className={styles.none}>
      The ingest at {ingestUrl} does not answer. Start it with <code>npm run demo</code>; this page goes on by itself
      when it is back.
    </p>
  )
}

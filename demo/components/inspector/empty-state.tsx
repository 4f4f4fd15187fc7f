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

'use client'

import { JsonBlock } from './code-block'
import type { EventDetail, StoredSignal } from './events'
import { LocalTime } from './local-time'
import { TextDiff } from './text-diff'
import styles from './event-detail.module.css'

/** In the order of their arrival. */
export function SignalList({ event }: { event: EventDetail }) {
  return (
    <ol className={styles.signals}>
      {event.signalList.map((signal) => (
        <li key={signal.signalId}>
          <Signal signal={signal} event={event} />
        </li>
      ))}
    </ol>
  )
}

function Signal({ signal: { body, receivedAt, superseded }, event }: { signal: StoredSignal; event: EventDetail }) {
  const { signal_name, signal_type, sentiment, attachment_id } = body
  const { comment, after, before } = (body.properties ?? {}) as { comment?: unknown; after?: unknown; before?: unknown }
  const target = event.body.attachments?.find((attachment) => attachment.attachment_id === attachment_id)
  const original = typeof before === 'string' ? before : (target?.value ?? event.body.ai_data?.output)
  return (
    <div className={styles.signal}>
      <p className={styles.signalHead}>
        <span className={styles.signalName}>{signal_name}</span>
        {sentiment && (
          <span className={styles.sentiment} data-sentiment={sentiment}>
            {sentiment.toLowerCase()}
          </span>
        )}
        {signal_type && signal_type !== 'default' && <span>{signal_type}</span>}
        {superseded && <span>replaced or taken back later</span>}
        <LocalTime value={receivedAt} withDate />
      </p>
      {attachment_id && <p className={styles.signalNote}>On {target?.name ?? attachment_id}</p>}
      {typeof comment === 'string' && <p className={styles.text}>{comment}</p>}
      {typeof after === 'string' && <TextDiff before={original ?? ''} after={after} />}
      <details className={styles.fold}>
        <summary>Whole signal</summary>
        <JsonBlock value={body} label={`Signal ${signal_name}`} />
      </details>
    </div>
  )
}

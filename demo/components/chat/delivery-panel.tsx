'use client'

import type { NetworkMode } from './network-mode'
import { NetworkSwitch } from './network-switch'
import { useDelivery } from './use-delivery'
import styles from './delivery-panel.module.css'

const notes: Readonly<Record<Exclude<NetworkMode, 'online'>, string>> = {
  offline: 'Nothing leaves this page. Votes wait on disk, also over a reload.',
  error: 'The relay answers 503. The client keeps everything and tries again.',
  slow: 'Each answer of the relay takes three seconds.',
}

const onlineNote = (pending: number) => (pending > 0 ? 'On its way.' : 'Everything has arrived.')

/** The queue of this page at work. */
export function DeliveryPanel({ networkMode }: { networkMode: NetworkMode }) {
  const { mode, error, stats, isHeld } = useDelivery(networkMode)
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0)
  const counts = { Waiting: stats.pending, Delivered: stats.delivered, Dropped: dropped }
  return (
    <section className={styles.panel} aria-label="Delivery">
      <h2 className={styles.heading}>Your feedback on its way</h2>
      <dl className={styles.counts}>
        {Object.entries(counts).map(([name, count]) => (
          <div key={name} className={styles.count} data-name={name} data-some={count > 0}>
            <dt>{name}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      <NetworkSwitch mode={mode} />
      <p role="status" className={styles.note} title={error?.message}>
        {isHeld
          ? 'Held for a moment, in case you change your mind.'
          : mode === 'online'
            ? onlineNote(stats.pending)
            : notes[mode]}
      </p>
    </section>
  )
}

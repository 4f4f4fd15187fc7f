import styles from './state-badge.module.css'

export function StateBadge({ pending }: { pending: boolean }) {
  return (
    <span className={styles.badge} data-state={pending ? 'open' : 'finished'}>
      {pending ? 'Open' : 'Finished'}
    </span>
  )
}

import styles from './state-badge.module.css'

export function StateBadge({ pending, isFailed = false }: { pending: boolean; isFailed?: boolean }) {
  return (
    <>
      <span className={styles.badge} data-state={pending ? 'open' : 'finished'}>
        {pending ? 'Open' : 'Finished'}
      </span>
      {isFailed && (
        <span className={styles.badge} data-state="failed">
          Failed
        </span>
      )}
    </>
  )
}

import styles from './version-pager.module.css'

interface VersionPagerProps {
  index: number
  count: number
  onChange: (index: number) => void
}

/** Between the answers to one question. */
export function VersionPager({ index, count, onChange }: VersionPagerProps) {
  return (
    <div role="group" aria-label="Answers to this question" className={styles.pager}>
      <Step label="Previous answer" path="M12 5 7 10l5 5" isOff={index === 0} onClick={() => onChange(index - 1)} />
      <span aria-live="polite">
        {index + 1} of {count}
      </span>
      <Step label="Next answer" path="m8 5 5 5-5 5" isOff={index === count - 1} onClick={() => onChange(index + 1)} />
    </div>
  )
}

function Step({ label, path, isOff, onClick }: { label: string; path: string; isOff: boolean; onClick: () => void }) {
  return (
    <button type="button" className={styles.step} aria-label={label} disabled={isOff} onClick={onClick}>
      <svg aria-hidden="true" viewBox="0 0 20 20" width="16" height="16">
        <path d={path} fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    </button>
  )
}

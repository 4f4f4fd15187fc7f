import styles from './welcome.module.css'

const suggestions = [
  'How do I track a streamed answer?',
  'What happens to events while the server is down?',
  'How large may an event be?',
  'How do I move over from the Python SDK?',
]

export function Welcome({ onAsk }: { onAsk: (question: string) => void }) {
  return (
    <div className={styles.welcome}>
      <h1 className={styles.title}>Ask the documentation</h1>
      <p className={styles.lead}>
        Every question becomes an interaction that the SDK tracks: your words, the passages found, the answer as it
        streams. Open the inspector beside this page and watch it arrive.
      </p>
      <ul className={styles.suggestions} aria-label="Questions to begin with">
        {suggestions.map((question) => (
          <li key={question}>
            <button type="button" className={styles.suggestion} onClick={() => onAsk(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

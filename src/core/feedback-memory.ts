import type { SharedStore, SynchronousStore } from './ports.js'
import { topicKey, withoutTexts, type Topic } from './topic.js'
import type { QueueRecord, QueueStore } from './types.js'

/** What was said, where it outlives the page. */
export interface FeedbackMemory {
  /** Oldest change first. What is damaged, or written by another version, is left out. */
  load(): Promise<readonly Topic[]>
  /** Soon, with what else changes until then. */
  save(topic: Topic): void
  forget(keys: readonly string[]): void
  /** Forgets all of it, also what was never loaded. */
  clear(): void
  /** Resolves once everything saved before is in the store. */
  persist(): Promise<void>
  /** Begins it in this very turn, where the store can: the page may be gone after it. */
  persistSync(): void
}

export type CreateFeedbackMemory = (store: QueueStore, namespace: string, keepsTexts: boolean) => FeedbackMemory

const VERSION = 1
const PAGE = 100

/**
 * In the store of the queue, beside the records: `<namespace>.feedback/0/<event>`. No prefix of the queue reaches there, and the zero, the
 * lane of feedback, makes the store as careful with it. `keepsTexts`: false where the app wants to see everything before it is written
 * to a disk, which it does when a signal is queued, and not before.
 */
export const createFeedbackMemory: CreateFeedbackMemory = (store, namespace, keepsTexts) => {
  const prefix = `${namespace}.feedback/0/`
  /** Undefined: to be deleted. */
  const dirty = new Map<string, Topic | undefined>()
  let line: Promise<unknown> = Promise.resolve()
  let isPlanned = false

  const recordOf = ([key, topic]: [string, Topic | undefined]): QueueRecord[] =>
    topic
      ? [{ key: prefix + key, json: JSON.stringify({ v: VERSION, ...(keepsTexts ? topic : withoutTexts(topic)) }) }]
      : []
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work)
    line = done.catch(() => undefined)
    return done
  }
  const write = (): Promise<void> =>
    inLine(async () => {
      isPlanned = false
      const changes = [...dirty]
      dirty.clear()
      const records = changes.flatMap(recordOf)
      const gone = changes.flatMap(([key, topic]) => (topic ? [] : [prefix + key]))
      if (records.length > 0) await store.put(records)
      if (gone.length > 0) await store.remove(gone)
    })
  function change(key: string, topic: Topic | undefined): void {
    dirty.set(key, topic)
    if (isPlanned) return
    isPlanned = true
    void write()
  }

  return {
    load: () =>
      inLine(async () => {
        const found: Topic[] = []
        let after: string | undefined
        for (;;) {
          const page = await store.peek({ prefix, limit: PAGE, ...(after !== undefined && { after }) })
          for (const { json } of page) found.push(...readTopic(json))
          after = page.at(-1)?.key
          if (page.length < PAGE) return found.sort((a, b) => a.at - b.at)
        }
      }),
    clear() {
      dirty.clear()
      const buried = (store as Partial<SharedStore>).doom?.([[prefix, `${prefix}\uffff`]])
      void inLine(async () => {
        for (;;) {
          const page = await store.peek({ prefix, limit: PAGE })
          if (page.length === 0) return buried?.()
          await store.remove(page.map(({ key }) => key))
        }
      })
    },
    save: (topic) => change(topicKey(topic), topic),
    forget: (keys) => keys.forEach((key) => change(key, undefined)),
    persist: write,
    persistSync() {
      const records = [...dirty].flatMap(recordOf)
      // Begun only: the write that is planned puts them once more, should there be time.
      if ('putSync' in store && records.length > 0) (store as QueueStore & SynchronousStore).putSync(records)
    },
  }
}

function readTopic(json: string): Topic[] {
  try {
    const { v, ...topic } = JSON.parse(json) as Topic & { v: unknown }
    const isTopic = typeof topic.eventId === 'string' && typeof topic.said === 'object' && Array.isArray(topic.order)
    return v === VERSION && isTopic ? [topic] : []
  } catch {
    return []
  }
}

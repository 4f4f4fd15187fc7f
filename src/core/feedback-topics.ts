import type { FeedbackMemory } from './feedback-memory.js'
import type { Clock } from './ports.js'
import { isBlank, isOnlyHere, isUnsettled, stateOf, topicKey, voteName, type Topic } from './topic.js'
import type { FeedbackState } from './types.js'

/** What is remembered: so many targets, so many characters of text, so long. Beyond, the oldest that is delivered goes first. */
const MAX_TOPICS = 1_000
const MAX_TEXT_CHARS = 4_000_000
const MAX_AGE_MS = 30 * 24 * 3_600_000

const IDLE: FeedbackState = Object.freeze({ vote: null, delivery: 'idle' })

/** What is known of each target: kept, shown, and told to the other tabs. */
export interface Topics {
  get(key: string): Topic | undefined
  all(): readonly Topic[]
  state(key: string): FeedbackState
  subscribe(key: string, listener: (state: FeedbackState) => void): () => void
  /** Something was said here, or got further. */
  changed(topic: Topic): void
  /** A vote that the server knows: shown, and neither kept nor told. What was said here and is not delivered yet is newer. */
  restore(target: Pick<Topic, 'eventId' | 'attachmentId'>, vote: Topic['vote']): void
  /** Another tab's change. Null: everything is forgotten. */
  heard(topic: Topic | null): void
  /** Reads what an earlier page left, once. */
  load(): Promise<void>
  forget(): void
}

export interface TopicsDeps {
  readonly clock: Clock
  /** Absent where what is said lives as long as the client, or must not be kept yet. */
  readonly memory: () => FeedbackMemory | undefined
  /** What an app may render. */
  shown(key: string): FeedbackState | undefined
  show(states: ReadonlyMap<string, FeedbackState | undefined>): void
  /** To the other tabs. Null: everything is forgotten. */
  tell(topic: Topic | null): void
  /** Of an earlier page, or joined with it. */
  onFound(topic: Topic): void
  onHeard(topic: Topic): void
  onForgotten(): void
}

export function createTopics(deps: TopicsDeps): Topics {
  const { clock } = deps
  /** By key; the last changed is last. */
  const topics = new Map<string, Topic>()
  const listeners = new Map<string, Set<(state: FeedbackState) => void>>()
  let loading: Promise<void> | undefined
  let isLoaded = false
  /** Said, here or in another tab, or delivered, since this page began: what a server rendered before that is older. */
  const fresh = new Set<string>()
  /** Shown at the end of the turn, all at once: a page restores the votes of hundreds of messages. */
  const restored = new Map<string, FeedbackState>()
  /** The server knows of no vote, and what the disk has to say is not known yet. */
  const restoredNone = new Set<string>()
  /** What other tabs told before the disk was read is newer than what is there. */
  const heardEarly = new Set<string>()
  /** Grows when everything is forgotten: what was read before must not come back. */
  let era = 0

  function show(keys: readonly string[]): void {
    const states = new Map<string, FeedbackState | undefined>()
    for (const key of keys) {
      const topic = topics.get(key)
      const next = topic && (restored.get(key) ?? stateOf(topic))
      if (!isSameState(deps.shown(key), next)) states.set(key, next)
    }
    if (states.size === 0) return
    deps.show(states)
    for (const [key, state] of states) for (const listener of listeners.get(key) ?? []) listener(state ?? IDLE)
  }

  function trimmed(): readonly string[] {
    const gone: string[] = []
    let chars = 0
    for (const { comment = '', after = '' } of topics.values()) chars += comment.length + after.length
    // What was refused, or is queued, is forgotten when nothing else is left: its signals have their place, this only shows them.
    for (const mayStay of [isUnsettled, isOnlyHere]) {
      for (const [key, topic] of topics) {
        if (topics.size <= MAX_TOPICS && chars <= MAX_TEXT_CHARS) break
        if (mayStay(topic)) continue
        chars -= (topic.comment ?? '').length + (topic.after ?? '').length
        topics.delete(key)
        fresh.delete(key)
        gone.push(key)
      }
    }
    if (gone.length > 0) deps.memory()?.forget(gone)
    return gone
  }

  async function load(): Promise<void> {
    const memory = deps.memory()
    if (!memory) return
    const started = era
    await (loading ??= memory.load().then((found) => {
      if (era !== started) return
      const oldest = clock.now() - MAX_AGE_MS
      const own = [...topics]
      topics.clear()
      for (const each of found) {
        if (each.at < oldest && !isOnlyHere(each)) memory.forget([topicKey(each)])
        else topics.set(topicKey(each), each)
      }
      for (const [key, topic] of own) {
        const kept = heardEarly.has(key) ? undefined : topics.get(key)
        topics.set(key, kept ? joined(kept, topic) : topic)
      }
      for (const key of restoredNone) {
        const kept = own.some(([each]) => each === key) ? undefined : topics.get(key)
        if (kept && !isUnsettled(kept)) topics.set(key, withVote(kept, null))
      }
      restoredNone.clear()
      for (const key of heardEarly) if (!own.some(([each]) => each === key)) topics.delete(key)
      heardEarly.clear()
      isLoaded = true
      for (const topic of topics.values()) deps.onFound(topic)
      show([...topics.keys(), ...trimmed()])
    }))
  }

  function isNewer(key: string): void {
    // A vote that was cleared again has no topic that would bound it.
    if (fresh.size > 2 * MAX_TOPICS) fresh.clear()
    fresh.add(key)
  }

  function drop(): void {
    era++
    loading = Promise.resolve()
    isLoaded = true
    heardEarly.clear()
    restoredNone.clear()
    const keys = [...topics.keys()]
    deps.onForgotten()
    topics.clear()
    fresh.clear()
    show(keys)
  }

  return {
    get: (key) => topics.get(key),
    all: () => [...topics.values()],
    state: (key) => restored.get(key) ?? deps.shown(key) ?? IDLE,
    subscribe(key, listener) {
      const own = (state: FeedbackState): void => listener(state)
      const all = listeners.get(key) ?? new Set()
      listeners.set(key, all.add(own))
      return () => {
        all.delete(own)
        if (all.size === 0 && listeners.get(key) === all) listeners.delete(key)
      }
    },
    changed(topic) {
      const key = topicKey(topic)
      delete topic.restored
      restored.delete(key)
      isNewer(key)
      topic.at = clock.now()
      topics.delete(key)
      if (isBlank(topic)) {
        // What is on the disk is not known before it was read.
        if (isLoaded) deps.memory()?.forget([key])
      } else {
        topics.set(key, topic)
        deps.memory()?.save(topic)
      }
      deps.tell(topic)
      show([key, ...trimmed()])
    },
    restore(target, vote) {
      const key = topicKey(target)
      const topic = topics.get(key)
      if (fresh.has(key)) return
      if (topic ? isUnsettled(topic) || topic.vote === vote : vote === null) {
        if (!topic && !isLoaded) restoredNone.add(key)
        return
      }
      const next = withVote(topic ?? { ...target, at: clock.now(), vote, said: {}, order: [] }, vote)
      topics.set(key, next)
      if (restored.size === 0) {
        queueMicrotask(() => {
          show([...restored.keys(), ...trimmed()])
          restored.clear()
        })
      }
      restored.set(key, stateOf(next))
    },
    heard(topic) {
      if (topic === null) return drop()
      const key = topicKey(topic)
      topics.delete(key)
      restored.delete(key)
      if (!isBlank(topic)) topics.set(key, topic)
      isNewer(key)
      if (!isLoaded && deps.memory()) heardEarly.add(key)
      deps.onHeard(topic)
      show([key])
    },
    load,
    forget() {
      deps.memory()?.clear()
      drop()
      deps.tell(null)
    },
  }
}

/** The server knows the vote and not the signal's id: its name stands for it. */
function withVote(topic: Topic, vote: Topic['vote']): Topic {
  const { vote: _, ...said } = topic.said
  const order = topic.order.filter((slot) => slot !== 'vote')
  if (vote === null) return { ...topic, vote, said, order, restored: true }
  const known = { id: voteName(vote), value: vote, state: 'delivered' as const }
  return { ...topic, vote, said: { ...said, vote: known }, order: ['vote', ...order], restored: true }
}

/** What was said here before the disk was read joins what is there. */
function joined(found: Topic, own: Topic): Topic {
  if (own.restored) {
    // The server knows better than this browser, but for what it cannot know yet.
    if (isUnsettled(found) || found.vote === own.vote) return found
    return withVote(found, own.vote)
  }
  const merged: Topic = {
    ...found,
    ...own,
    said: { ...found.said, ...own.said },
    order: [...new Set([...found.order, ...own.order])],
  }
  // Clicked before it was known what was voted: what is on the disk is what that vote follows.
  if (own.hold || own.said.vote) return merged
  return { ...merged, vote: found.vote, ...(found.hold && { hold: found.hold }) }
}

function isSameState(a: FeedbackState | undefined, b: FeedbackState | undefined): boolean {
  const fields = ['vote', 'comment', 'reasons', 'after', 'delivery', 'reason'] as const
  return a === b || (a !== undefined && b !== undefined && fields.every((field) => a[field] === b[field]))
}

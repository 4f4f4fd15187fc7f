import { readName, readProperties, wrongCall } from './checks.js'
import type { RaindropError } from './errors.js'
import type { FeedbackMemory } from './feedback-memory.js'
import {
  changeOf,
  isBlank,
  isOnlyHere,
  isUnsettled,
  RETRACTION,
  sentimentOf,
  SLOTS,
  standing,
  stateOf,
  topicKey,
  voteName,
  type Said,
  type Slot,
  type Topic,
} from './topic.js'
import type { Cancel, Clock } from './ports.js'
import { signalIdOf } from './signal.js'
import type { DropReason, FeedbackHandle, FeedbackState, FeedbackTarget, SignalInput } from './types.js'
import { toJson } from './values.js'

/** How long a vote waits for a change of mind, unless the call says otherwise. */
const UNDO_WINDOW_MS = 1_500
/** A vote that another page holds is sent by this one when that page has been silent for so long after its end. */
const ORPHAN_MS = 2_000
/** Longest hold. */
const MAX_HOLD_MS = 60_000
/** What is remembered: so many targets, so many characters of text, so long. Beyond, the oldest that is delivered goes first. */
const MAX_TOPICS = 1_000
const MAX_TEXT_CHARS = 4_000_000
const MAX_AGE_MS = 30 * 24 * 3_600_000
/** Signals of one target that wait for its token. */
const MAX_WAITING = 20
/**
 * Longest wait for a token that was announced. Who is signed in needs none, and where one is needed the signal is refused, kept, and sent
 * again with the token when it comes: so nothing is lost by not waiting for ever.
 */
const TOKEN_WAIT_MS = 60_000

const IDLE: FeedbackState = Object.freeze({ vote: null, delivery: 'idle' })

export interface FeedbackHost {
  readonly clock: Clock
  readonly newId: () => string
  /** Absent where what is said lives as long as the client, or must not be kept yet. */
  readonly memory: () => FeedbackMemory | undefined
  /** False where calls are no-ops; counts the call then. */
  accepts(): boolean
  track(signal: SignalInput): void
  wrongCall(error: RaindropError): void
  /** What an app may render. */
  shown(key: string): FeedbackState | undefined
  show(states: ReadonlyMap<string, FeedbackState | undefined>): void
  /** To the other tabs. Null: everything is forgotten. */
  tell(topic: Topic | null): void
}

/** Votes, comments and edits of one user, as signals. */
export interface Feedback {
  handle(target: FeedbackTarget): FeedbackHandle
  /** Sends what is held: nobody will change it any more, or somebody asked for everything. */
  release(): void
  /** What became of signals, of this page or another one. */
  settled(signalIds: readonly string[], outcome: 'delivered' | 'dropped', reason: DropReason | undefined): void
  /** Another tab's change. */
  heard(topic: Topic | null): void
  /** Takes up what an earlier page left, and sends what it held. */
  load(): Promise<void>
  /** Everything that can be rendered, and is on disk, is forgotten. */
  forget(): void
}

export function createFeedback(host: FeedbackHost): Feedback {
  const { clock } = host
  /** By key; the last changed is last. */
  const topics = new Map<string, Topic>()
  /** Holds that end by a timer here: of this page, and of pages that may be gone. */
  const timers = new Map<string, { readonly cancel: Cancel; readonly isOwn: boolean }>()
  const listeners = new Map<string, Set<(state: FeedbackState) => void>>()
  /** Targets whose token is waited for. */
  const waits = new Map<string, Cancel>()
  let loading: Promise<void> | undefined
  let isLoaded = false
  /** What other tabs told before the disk was read is newer than what is there. */
  const heardEarly = new Set<string>()
  /** Grows when everything is forgotten: what was read before must not come back. */
  let era = 0

  function show(keys: readonly string[]): void {
    const states = new Map<string, FeedbackState | undefined>()
    for (const key of keys) {
      const topic = topics.get(key)
      const next = topic && stateOf(topic)
      if (!isSameState(host.shown(key), next)) states.set(key, next)
    }
    if (states.size === 0) return
    host.show(states)
    for (const [key, state] of states) for (const listener of listeners.get(key) ?? []) listener(state ?? IDLE)
  }

  function changed(topic: Topic): void {
    const key = topicKey(topic)
    delete topic.restored
    topic.at = clock.now()
    topics.delete(key)
    if (isBlank(topic)) {
      // What is on the disk is not known before it was read.
      if (isLoaded) host.memory()?.forget([key])
    } else {
      topics.set(key, topic)
      host.memory()?.save(topic)
    }
    host.tell(topic)
    show([key, ...trimmed()])
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
        gone.push(key)
      }
    }
    if (gone.length > 0) host.memory()?.forget(gone)
    return gone
  }

  function cancelHold(topic: Topic): void {
    const key = topicKey(topic)
    timers.get(key)?.cancel()
    timers.delete(key)
  }

  /** Ends the hold later: one of this page when its time is up, one of another page only when that one must be gone. */
  function planEnd(topic: Topic, afterMs: number, isOwn: boolean): void {
    cancelHold(topic)
    const key = topicKey(topic)
    const end = (): void => {
      const now = topics.get(key)
      if (now?.hold) endHold(now)
    }
    timers.set(key, { cancel: clock.after(afterMs, end), isOwn })
  }

  function hold(topic: Topic, { undoWindowMs = UNDO_WINDOW_MS, properties }: VoteOptions = {}): void {
    cancelHold(topic)
    delete topic.hold
    if (standing(topic.said.vote).value === topic.vote) {
      unsay(topic, 'vote')
      return changed(topic)
    }
    const forMs = undoWindowMs > 0 ? Math.min(undoWindowMs, MAX_HOLD_MS) : 0
    topic.hold = {
      id: host.newId(),
      at: clock.now(),
      until: clock.now() + forMs,
      properties: readProperties(properties, { chars: 0 }),
    }
    if (forMs === 0) return endHold(topic)
    planEnd(topic, forMs, true)
    changed(topic)
  }

  function endHold(topic: Topic): void {
    const { hold: ended, vote } = topic
    cancelHold(topic)
    delete topic.hold
    if (!ended) return
    const { id: target, value: stood } = standing(topic.said.vote)
    if (vote === null) retract(topic, 'vote', ended.id)
    else if (vote === stood) unsay(topic, 'vote')
    else {
      const signal: SignalInput<{}> = {
        name: voteName(vote),
        sentiment: sentimentOf(vote)!,
        properties: { ...ended.properties, ...(target && { replaces: target }) },
      }
      say(topic, 'vote', signal, { id: ended.id, value: vote, stood, ...(target && { target }) }, ended.at)
    }
    changed(topic)
  }

  function say(
    topic: Topic,
    slot: Slot,
    signal: SignalInput<{}>,
    said: Omit<Said, 'state' | 'signal'>,
    at = clock.now(),
  ): void {
    // When it was said, whenever it is sent.
    topic.said[slot] = { ...said, state: 'waiting', signal: { ...signal, timestamp: new Date(at).toISOString() } }
    const others = topic.order.filter((each) => each !== slot)
    topic.order = said.clears ? others : [...others, slot]
    sendWaiting(topic)
  }

  function retract(topic: Topic, slot: Slot, id: string): void {
    const { id: target, value: stood } = standing(topic.said[slot])
    if (target) {
      return say(
        topic,
        slot,
        { name: RETRACTION, properties: { retracts: target } },
        { id, target, stood, clears: true },
      )
    }
    // It never arrived, and never will.
    unsay(topic, slot)
    topic.order = topic.order.filter((each) => each !== slot)
  }

  /** Back to what the receiver knows: forgets a signal that did not get there. */
  function unsay(topic: Topic, slot: Slot): void {
    const said = topic.said[slot]
    if (said?.state !== 'waiting' && said?.state !== 'failed') return
    const { id, value } = standing(said)
    delete topic.said[slot]
    if (id) topic.said[slot] = { id, value, state: 'delivered' }
  }

  function sendWaiting(topic: Topic): void {
    if (topic.awaitsToken) return planSending(topic)
    for (const slot of SLOTS) {
      const said = topic.said[slot]
      if (said?.state !== 'waiting' || !said.signal) continue
      said.state = 'queued'
      send(topic, said.signal, said.id)
    }
    const { waiting = [] } = topic
    delete topic.waiting
    for (const signal of waiting) send(topic, signal)
  }

  function planSending(topic: Topic): void {
    const key = topicKey(topic)
    const isWaiting = topic.waiting ?? SLOTS.some((slot) => topic.said[slot]?.state === 'waiting')
    if (!isWaiting || waits.has(key)) return
    const end = (): void => {
      waits.delete(key)
      const now = topics.get(key)
      if (!now?.awaitsToken) return
      now.awaitsToken = false
      sendWaiting(now)
      changed(now)
    }
    waits.set(key, clock.after(TOKEN_WAIT_MS, end))
  }

  function send({ eventId, attachmentId, token }: Topic, signal: SignalInput<{}>, signalId?: string): void {
    host.track({
      ...signal,
      eventId,
      ...(attachmentId !== undefined && { attachmentId }),
      ...(token && { token }),
      ...(signalId && { signalId }),
    })
  }

  function schedule(topic: Topic): void {
    if (!topic.hold) return
    const leftMs = Math.min(Math.max(topic.hold.until - clock.now(), 0), MAX_HOLD_MS)
    planEnd(topic, leftMs + ORPHAN_MS, false)
  }

  /** What was said here before the disk was read joins what is there. */
  function joined(found: Topic, own: Topic): Topic {
    if (own.restored) {
      // The server knows better than this browser, but for what it cannot know yet.
      if (isUnsettled(found) || found.vote === own.vote) return found
      return { ...found, vote: own.vote, said: { ...found.said, ...own.said } }
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

  async function load(): Promise<void> {
    const memory = host.memory()
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
      for (const key of heardEarly) if (!own.some(([each]) => each === key)) topics.delete(key)
      heardEarly.clear()
      isLoaded = true
      for (const topic of topics.values()) {
        if (!timers.has(topicKey(topic))) schedule(topic)
        sendWaiting(topic)
      }
      show([...topics.keys(), ...trimmed()])
    }))
  }

  function settle(
    signalIds: readonly string[],
    outcome: 'delivered' | 'dropped',
    reason: DropReason | undefined,
  ): boolean {
    const ids = new Set(signalIds)
    let isFound = false
    for (const topic of [...topics.values()]) {
      // The page that held it sent it, and was gone before it could note that down.
      if (topic.hold && ids.has(topic.hold.id) && outcome === 'delivered') endOrphan(topic)
      for (const slot of SLOTS) {
        const said = topic.said[slot]
        if (!said || !ids.has(said.id)) continue
        isFound = true
        said.state = outcome === 'delivered' ? 'delivered' : 'failed'
        if (outcome === 'delivered') delete said.signal
        if (reason) said.reason = reason
        changed(topic)
      }
    }
    return isFound
  }

  function endOrphan(topic: Topic): void {
    const { id } = topic.hold!
    cancelHold(topic)
    delete topic.hold
    topic.said.vote = { id, value: topic.vote, state: 'queued', ...(topic.vote === null && { clears: true as const }) }
  }

  function handle(target: FeedbackTarget): FeedbackHandle {
    const eventId = readName(target?.eventId)
    if (eventId === undefined) {
      host.wrongCall(
        wrongCall('feedback', 'needs an eventId. Pass feedback({ eventId }) with the id that the server handed out.'),
      )
    }
    const attachmentId = readName(target?.attachmentId)
    const token = readName(target?.token)
    const awaits = typeof target === 'object' && target !== null && 'token' in target && token === undefined
    const key = topicKey({ eventId: eventId ?? '', attachmentId })
    if (token !== undefined && topics.has(key)) {
      // Not in this turn, which may be one in which a page is drawn.
      queueMicrotask(() => tokenArrived(key, token))
    }
    if (eventId !== undefined) void load()

    /** The topic, for a call that says something. */
    function open(): Topic | undefined {
      if (eventId === undefined || !host.accepts()) return undefined
      const topic: Topic = topics.get(key) ?? { eventId, attachmentId, at: 0, vote: null, said: {}, order: [] }
      if (token !== undefined) topic.token = token
      topic.awaitsToken = awaits && topic.token === undefined
      return topic
    }

    return {
      getState: () => host.shown(key) ?? IDLE,
      subscribe(listener) {
        const own = (state: FeedbackState): void => listener(state)
        const all = listeners.get(key) ?? new Set()
        listeners.set(key, all.add(own))
        return () => {
          all.delete(own)
          if (all.size === 0 && listeners.get(key) === all) listeners.delete(key)
        }
      },
      vote(vote, options) {
        if (vote !== 'up' && vote !== 'down' && vote !== null) {
          return host.wrongCall(wrongCall('feedback.vote', 'takes "up", "down" or null.'))
        }
        const topic = open()
        if (!topic || (vote === null && topic.vote === null)) return
        topic.vote = vote === topic.vote ? null : vote
        hold(topic, options)
      },
      comment(text, { reasons: given, properties } = {}) {
        const reasons = Array.isArray(given) ? given.filter((reason) => readName(reason) !== undefined) : []
        const comment = typeof text === 'string' && text.trim() !== '' ? text : reasons.join(', ')
        if (comment === '') {
          return host.wrongCall(wrongCall('feedback.comment', 'needs a text, or reasons. Pass comment("…").'))
        }
        const topic = open()
        if (!topic) return
        // Who explains a vote means it.
        endHold(topic)
        topic.comment = comment
        delete topic.reasons
        if (reasons.length > 0) topic.reasons = reasons
        const { id: replaces } = standing(topic.said.comment)
        const sentiment = sentimentOf(topic.vote)
        const signal: SignalInput<{}> = {
          name: 'user_feedback',
          type: 'feedback',
          comment,
          ...(sentiment && { sentiment }),
          properties: {
            ...readProperties(properties, { chars: 0 }),
            ...(reasons.length > 0 && { reasons }),
            ...(replaces && { replaces }),
          },
        }
        say(topic, 'comment', signal, { id: host.newId(), ...(replaces && { target: replaces }) })
        changed(topic)
      },
      edit(after, { before: given, properties } = {}) {
        if (typeof after !== 'string') {
          return host.wrongCall(wrongCall('feedback.edit', 'needs the text after the edit. Pass edit("…").'))
        }
        const before = typeof given === 'string' ? given : topics.get(key)?.after
        if (before === after) return
        const topic = open()
        if (!topic) return
        topic.after = after
        const { id: replaces } = standing(topic.said.edit)
        const signal: SignalInput<{}> = {
          name: 'user_edit',
          type: 'edit',
          after,
          ...(before !== undefined && { before }),
          properties: {
            ...readProperties(properties, { chars: 0 }),
            ...(before !== undefined && { changed: changeOf(before, after) }),
            ...(replaces && { replaces }),
          },
        }
        say(topic, 'edit', signal, { id: host.newId(), ...(replaces && { target: replaces }) })
        changed(topic)
      },
      undo() {
        const known = topics.get(key)
        const slot = known?.hold ? 'vote' : known?.order.at(-1)
        const topic = slot && open()
        if (!topic) return
        if (topic.hold) {
          topic.vote = standing(topic.said.vote).value
          cancelHold(topic)
          delete topic.hold
        } else {
          if (slot === 'vote') topic.vote = null
          else if (slot === 'edit') delete topic.after
          else {
            delete topic.comment
            delete topic.reasons
          }
          retract(topic, slot, host.newId())
        }
        changed(topic)
      },
      retry() {
        const topic = topics.get(key)
        if (!topic || stateOf(topic).delivery !== 'failed' || !open()) return
        retry(topic)
        changed(topic)
      },
      track(signal) {
        const signalId = signalIdOf(signal, host.newId)
        const topic = open()
        if (!topic) return signalId
        if (!topic.awaitsToken) {
          send(topic, signal, signalId)
          return signalId
        }
        const kept = [...(topic.waiting ?? []), { ...(toJson(signal) as unknown as SignalInput<{}>), signalId }]
        // Too many to keep: the oldest takes its chance without a token.
        if (kept.length > MAX_WAITING) send(topic, kept.shift()!)
        topic.waiting = kept
        planSending(topic)
        changed(topic)
        return signalId
      },
      restore(vote) {
        if (eventId === undefined || (vote !== 'up' && vote !== 'down')) return
        const topic = topics.get(key)
        if (topic && (isUnsettled(topic) || topic.vote === vote)) return
        // The server knows the vote and not the signal's id: its name stands for it.
        const said = { ...topic?.said, vote: { id: voteName(vote), value: vote, state: 'delivered' as const } }
        topics.set(key, {
          ...(topic ?? { eventId, attachmentId, at: clock.now() }),
          vote,
          said,
          order: ['vote', ...(topic?.order.filter((slot) => slot !== 'vote') ?? [])],
          restored: true,
        })
        show([key, ...trimmed()])
      },
    }
  }

  function tokenArrived(key: string, token: string): void {
    const topic = topics.get(key)
    if (!topic || topic.token === token) return
    topic.token = token
    topic.awaitsToken = false
    waits.get(key)?.()
    waits.delete(key)
    sendWaiting(topic)
    // What was refused for want of a token has one now.
    if (stateOf(topic).reason === 'rejected') retry(topic)
    changed(topic)
  }

  function retry(topic: Topic): void {
    for (const slot of SLOTS) {
      const said = topic.said[slot]
      if (said?.state !== 'failed') continue
      said.state = 'waiting'
      delete said.reason
    }
    sendWaiting(topic)
  }

  return {
    handle,
    load,
    release() {
      for (const [key, { isOwn }] of [...timers]) {
        const topic = topics.get(key)
        if (topic && isOwn) endHold(topic)
      }
    },
    settled(signalIds, outcome, reason) {
      if (settle(signalIds, outcome, reason)) return
      // Said on an earlier page.
      void load().then(() => settle(signalIds, outcome, reason))
    },
    heard(topic) {
      if (topic === null) return drop()
      const key = topicKey(topic)
      cancelHold(topic)
      topics.delete(key)
      if (!isBlank(topic)) topics.set(key, topic)
      if (!isLoaded && host.memory()) heardEarly.add(key)
      schedule(topic)
      show([key])
    },
    forget() {
      era++
      loading = Promise.resolve()
      isLoaded = true
      heardEarly.clear()
      host.memory()?.clear()
      drop()
      host.tell(null)
    },
  }

  function drop(): void {
    const keys = [...topics.keys()]
    for (const topic of topics.values()) cancelHold(topic)
    for (const cancel of waits.values()) cancel()
    waits.clear()
    topics.clear()
    show(keys)
  }
}

type VoteOptions = NonNullable<Parameters<FeedbackHandle['vote']>[1]>

function isSameState(a: FeedbackState | undefined, b: FeedbackState | undefined): boolean {
  const fields = ['vote', 'comment', 'reasons', 'after', 'delivery', 'reason'] as const
  return a === b || (a !== undefined && b !== undefined && fields.every((field) => a[field] === b[field]))
}

import { readProperties } from './checks.js'
import type { Topics } from './feedback-topics.js'
import type { Cancel, Clock } from './ports.js'
import {
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
import type { DropReason, FeedbackHandle, SignalInput } from './types.js'
import { toJson } from './values.js'

/** How long a vote waits for a change of mind, unless the call says otherwise. */
const UNDO_WINDOW_MS = 1_500
/** Longest hold. */
const MAX_HOLD_MS = 60_000
/** A vote that another page holds is sent by this one when that page has been silent for so long after its end. */
const ORPHAN_MS = 2_000
/** Signals of one target that wait for its token. */
const MAX_WAITING = 20
/**
 * Longest wait for a token that was announced. Who is signed in needs none, and where one is needed the signal is refused, kept, and sent
 * again with the token when it comes: so nothing is lost by not waiting for ever.
 */
const TOKEN_WAIT_MS = 60_000

type VoteOptions = NonNullable<Parameters<FeedbackHandle['vote']>[1]>

/** When what was said becomes a signal, and what becomes of that. */
export interface FeedbackSignals {
  /** The vote may still change, or be taken back without a trace. */
  hold(topic: Topic, options?: VoteOptions): void
  endHold(topic: Topic): void
  /** Back to the vote that was sent. */
  unhold(topic: Topic): void
  say(topic: Topic, slot: Slot, signal: SignalInput<{}>, said: Omit<Said, 'state' | 'signal'>): void
  retract(topic: Topic, slot: Slot, id: string): void
  retry(topic: Topic): void
  /** Any other signal. */
  pass(topic: Topic, signal: SignalInput<{}>, signalId: string): void
  tokenArrived(key: string, token: string): void
  /** Ends the holds of this page. */
  release(): void
  /** False where no signal of ours was meant. */
  settle(signalIds: readonly string[], outcome: 'delivered' | 'dropped', reason: DropReason | undefined): boolean
  /** Goes on with what an earlier page left. */
  resume(topic: Topic): void
  /** Another tab holds it now, or no longer. */
  watch(topic: Topic): void
  /** Nothing is sent any more. */
  stop(): void
}

export interface FeedbackSignalsDeps {
  readonly clock: Clock
  readonly newId: () => string
  track(signal: SignalInput): void
}

export function createFeedbackSignals(deps: FeedbackSignalsDeps, topics: Topics): FeedbackSignals {
  const { clock } = deps
  const { changed } = topics
  /** Holds that end by a timer here: of this page, and of pages that may be gone. */
  const timers = new Map<string, { readonly cancel: Cancel; readonly isOwn: boolean }>()
  /** Targets whose token is waited for. */
  const waits = new Map<string, Cancel>()

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
      id: deps.newId(),
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
    deps.track({
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

  function settle(
    signalIds: readonly string[],
    outcome: 'delivered' | 'dropped',
    reason: DropReason | undefined,
  ): boolean {
    const ids = new Set(signalIds)
    let isFound = false
    for (const topic of topics.all()) {
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
    hold,
    endHold,
    unhold(topic) {
      topic.vote = standing(topic.said.vote).value
      cancelHold(topic)
      delete topic.hold
    },
    say,
    retract,
    retry,
    pass(topic, signal, signalId) {
      if (!topic.awaitsToken) return send(topic, signal, signalId)
      const kept = [...(topic.waiting ?? []), { ...(toJson(signal) as unknown as SignalInput<{}>), signalId }]
      // Too many to keep: the oldest takes its chance without a token.
      if (kept.length > MAX_WAITING) send(topic, kept.shift()!)
      topic.waiting = kept
      planSending(topic)
      changed(topic)
    },
    tokenArrived,
    release() {
      for (const [key, { isOwn }] of [...timers]) {
        const topic = topics.get(key)
        if (topic && isOwn) endHold(topic)
      }
    },
    settle,
    resume(topic) {
      if (!timers.has(topicKey(topic))) schedule(topic)
      sendWaiting(topic)
    },
    watch(topic) {
      cancelHold(topic)
      schedule(topic)
    },
    stop() {
      for (const { cancel } of timers.values()) cancel()
      for (const cancel of waits.values()) cancel()
      timers.clear()
      waits.clear()
    },
  }
}

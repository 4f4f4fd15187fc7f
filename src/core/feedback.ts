import { readName, readProperties, wrongCall } from './checks.js'
import type { RaindropError } from './errors.js'
import { createFeedbackSignals, type FeedbackSignalsDeps } from './feedback-signals.js'
import { createTopics, type TopicsDeps } from './feedback-topics.js'
import { signalIdOf } from './signal.js'
import { changeOf, sentimentOf, standing, stateOf, topicKey, type Topic } from './topic.js'
import type { DropReason, FeedbackHandle, FeedbackTarget, SignalInput } from './types.js'

export interface FeedbackHost extends FeedbackSignalsDeps, Omit<TopicsDeps, 'onFound' | 'onHeard' | 'onForgotten'> {
  /** False where calls are no-ops; counts the call then. */
  accepts(): boolean
  wrongCall(error: RaindropError): void
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
  const topics = createTopics({
    ...host,
    onFound: (topic) => signals.resume(topic),
    onHeard: (topic) => signals.watch(topic),
    onForgotten: () => signals.stop(),
  })
  const signals = createFeedbackSignals(host, topics)

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
    if (eventId !== undefined) {
      // Not in this turn, which may be one in which a page is drawn; and also for what an earlier page left.
      void topics.load().then(() => token !== undefined && signals.tokenArrived(key, token))
    }

    /** The topic, for a call that says something. */
    function open(): Topic | undefined {
      if (eventId === undefined || !host.accepts()) return undefined
      const topic: Topic = topics.get(key) ?? { eventId, attachmentId, at: 0, vote: null, said: {}, order: [] }
      if (token !== undefined) topic.token = token
      topic.awaitsToken = awaits && topic.token === undefined
      return topic
    }

    return {
      getState: () => topics.state(key),
      subscribe: (listener) => topics.subscribe(key, listener),
      vote(vote, options) {
        if (vote !== 'up' && vote !== 'down' && vote !== null) {
          return host.wrongCall(wrongCall('feedback.vote', 'takes "up", "down" or null.'))
        }
        const topic = open()
        if (!topic || (vote === null && topic.vote === null)) return
        topic.vote = vote === topic.vote ? null : vote
        signals.hold(topic, options)
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
        signals.endHold(topic)
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
        signals.say(topic, 'comment', signal, { id: host.newId(), ...(replaces && { target: replaces }) })
        topics.changed(topic)
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
        signals.say(topic, 'edit', signal, { id: host.newId(), ...(replaces && { target: replaces }) })
        topics.changed(topic)
      },
      undo() {
        const known = topics.get(key)
        const slot = known?.hold ? 'vote' : known?.order.at(-1)
        const topic = slot && open()
        if (!topic) return
        if (topic.hold) signals.unhold(topic)
        else {
          if (slot === 'vote') topic.vote = null
          else if (slot === 'edit') delete topic.after
          else {
            delete topic.comment
            delete topic.reasons
          }
          signals.retract(topic, slot, host.newId())
        }
        topics.changed(topic)
      },
      retry() {
        const topic = topics.get(key)
        if (!topic || stateOf(topic).delivery !== 'failed' || !open()) return
        signals.retry(topic)
        topics.changed(topic)
      },
      track(signal) {
        const signalId = signalIdOf(signal, host.newId)
        const topic = open()
        if (!topic) return signalId
        signals.pass(topic, signal, signalId)
        return signalId
      },
      restore(vote) {
        if (eventId !== undefined && (vote === 'up' || vote === 'down' || vote === null)) {
          topics.restore({ eventId, attachmentId }, vote)
        }
      },
    }
  }

  return {
    handle,
    release: signals.release,
    settled(signalIds, outcome, reason) {
      if (signals.settle(signalIds, outcome, reason)) return
      // Said on an earlier page.
      void topics.load().then(() => signals.settle(signalIds, outcome, reason))
    },
    heard: topics.heard,
    load: topics.load,
    forget: topics.forget,
  }
}

import type { Feedback } from './feedback.js'
import type { FeedbackMemory } from './feedback-memory.js'
import type { Intake } from './intake.js'
import type { Settings } from './options.js'
import type { Pipeline } from './pipeline.js'
import type { Platform } from './platform.js'
import type { Cancel, News } from './ports.js'
import type { ClientStore } from './store.js'

/** What a client does when its surroundings change: its page, its process, the network, other tabs. */
export interface Life {
  /** Nothing is listened to before there is something to lose. */
  begin(): void
  /** Something was tracked, perhaps in the last turn of a page. */
  added(): void
  /** Looks for what an earlier page left. */
  recover(): void
  end(): void
}

export interface LifeDeps {
  readonly platform: Platform
  readonly settings: Settings
  readonly pipeline: Pipeline
  readonly intake: Intake
  readonly clientStore: ClientStore
  readonly feedback: Feedback
  readonly feedbackMemory: FeedbackMemory | undefined
  /** What waits for another call is a record from here on. */
  readonly gather: () => void
  readonly drain: (timeoutMs: number) => Promise<void>
}

export function createLife(deps: LifeDeps): Life {
  const { platform, settings, pipeline, intake, clientStore, feedback, feedbackMemory, gather, drain } = deps
  const { clock, lifecycle } = platform
  const { queue, delivery, siblings, store } = pipeline
  let unwatch: Cancel | undefined
  let cancelRecovery: Cancel = () => undefined
  let isHidden = false
  let farewellPlanned = false

  function lastWords(): void {
    gather()
    queue.persistSync()
    feedbackMemory?.persistSync()
  }

  function hidden(): void {
    isHidden = true
    lastWords()
    delivery.hidden()
    clientStore.changed()
  }

  function heard(news: News): void {
    if (news.kind === 'feedback') return feedback.heard(news.topic)
    if (news.kind === 'down') return delivery.heardDown(news.failures, news.waitMs)
    queue.gone(news.keys, news.outcome)
    if (news.outcome === 'delivered') delivery.heardUp()
    clientStore.changed()
  }

  function begin(): void {
    if (unwatch) return
    const ignore = siblings?.listen(heard)
    const leave = lifecycle.watch({
      drain,
      lastWords,
      hidden,
      shown() {
        isHidden = false
        void (store.probe?.() ?? Promise.resolve()).then(delivery.resumed)
      },
      networkChanged() {
        clientStore.setOnline(lifecycle.isOnline?.() !== false)
        delivery.resumed()
      },
    })
    unwatch = () => {
      ignore?.()
      leave()
    }
  }

  return {
    begin,
    added() {
      if (!isHidden || farewellPlanned) return
      // At the end of the turn, with what else is tracked in it.
      farewellPlanned = true
      queueMicrotask(() => {
        farewellPlanned = false
        if (isHidden && !intake.isReleased) hidden()
      })
    },
    /** Pages that were closed in an outage come back together: at random, and not while this one loads. */
    recover() {
      cancelRecovery()
      if (!platform.recovers || !settings.enabled || intake.isAimless) return
      cancelRecovery = clock.after(500 + 2_000 * clock.random(), () => {
        if (!settings.enabled || intake.isClosed) return
        // Listens first: what another tab says while the disk is read is newer than what is there.
        if (feedbackMemory) begin()
        void feedback.load()
        void queue.persist().then(() => {
          if (queue.stats().pending === 0 || intake.isReleased) return
          begin()
          delivery.resumed()
          clientStore.changed()
        })
      })
    },
    end() {
      cancelRecovery()
      unwatch?.()
    },
  }
}

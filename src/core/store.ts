import { createStore } from 'zustand/vanilla'
import type { DeliveryStats, FeedbackState, RaindropState, ReadonlyRaindropStore } from './types.js'

/** What an app may render. Nothing is computed until somebody looks. */
export interface ClientStore extends ReadonlyRaindropStore {
  /** Counters may have moved. On the caller's path: does nothing while nobody subscribes. */
  changed(): void
  setOnline(online: boolean): void
  feedbackOf(key: string): FeedbackState | undefined
  /** By key; undefined removes. */
  setFeedback(states: ReadonlyMap<string, FeedbackState | undefined>): void
}

function same(a: DeliveryStats, b: DeliveryStats): boolean {
  return (
    a.tracked === b.tracked &&
    a.delivered === b.delivered &&
    a.pending === b.pending &&
    a.storage === b.storage &&
    (Object.keys(a.dropped) as Array<keyof DeliveryStats['dropped']>).every(
      (reason) => a.dropped[reason] === b.dropped[reason],
    )
  )
}

export function createClientStore(stats: () => DeliveryStats): ClientStore {
  const store = createStore<RaindropState>()(() => ({ stats: stats(), online: true, feedback: {} }))
  let subscribers = 0
  let planned = false
  /** Who reads may be drawing a page, and must not make others draw in the midst of it: they hear of it soon. */
  let isReading = false
  let isUntold = false

  function refresh(): void {
    const next = stats()
    if (same(store.getState().stats, next) && (isReading || !isUntold)) return
    isUntold = isReading && subscribers > 0
    store.setState({ stats: next })
  }

  function changed(): void {
    if (subscribers === 0 || planned) return
    planned = true
    queueMicrotask(() => {
      planned = false
      refresh()
    })
  }

  return {
    changed,
    setOnline: (online) => store.setState({ online }),
    feedbackOf: (key) => store.getState().feedback[key],
    setFeedback(states) {
      const feedback: Record<string, FeedbackState> = { ...store.getState().feedback }
      for (const [key, state] of states) {
        if (state) feedback[key] = state
        else delete feedback[key]
      }
      store.setState({ feedback })
    },
    getState() {
      isReading = true
      refresh()
      isReading = false
      if (isUntold) changed()
      return store.getState()
    },
    getInitialState: store.getInitialState,
    subscribe(listener) {
      subscribers++
      const unsubscribe = store.subscribe((state, previous) => {
        if (!isReading) listener(state, previous)
      })
      let active = true
      return () => {
        if (active) subscribers--
        active = false
        unsubscribe()
      }
    },
  }
}

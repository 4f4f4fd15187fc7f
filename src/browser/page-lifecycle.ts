import type { Lifecycle } from '../core/ports.js'

/**
 * `visibilitychange` is the last event that phones are sure to send; `pagehide` comes at navigation, `freeze` before a tab is put to sleep.
 * Never `unload` or `beforeunload`: they keep a page out of the back/forward cache, and phones do not send them.
 */
export function createPageLifecycle(): Lifecycle {
  return {
    // `true` is not believed: there may be a network that leads nowhere.
    isOnline: () => globalThis.navigator?.onLine !== false,
    watch({ hidden, shown, networkChanged }) {
      // A worker has neither; what it tracks is on disk, or leaves by the interval.
      if (typeof document === 'undefined') return () => undefined
      const controller = new AbortController()
      const { signal } = controller
      const on = (
        target: EventTarget,
        names: readonly string[],
        listener: (event: PageTransitionEvent) => void,
      ): void => {
        for (const name of names) target.addEventListener(name, listener as EventListener, { signal, capture: true })
      }
      on(document, ['visibilitychange'], () => (document.visibilityState === 'hidden' ? hidden() : shown()))
      on(document, ['freeze'], hidden)
      on(document, ['resume'], shown)
      on(globalThis, ['pagehide'], hidden)
      // Only from the back/forward cache. A page that loads has nothing to resume: what it tracks has its interval, what it finds its delay.
      on(globalThis, ['pageshow'], ({ persisted }) => persisted && shown())
      on(globalThis, ['online', 'offline'], networkChanged)
      // A tab that was opened in the background hears of no change.
      if (document.visibilityState === 'hidden') hidden()
      return () => controller.abort()
    },
  }
}

/** What the client does when its page comes and goes. */
export interface PageHandlers {
  /** May be the end: everything that must not be lost has to be on its way when this returns. */
  hide(): void
  /** Back again: from another tab, from the back/forward cache, from a freeze. */
  show(): void
  online(isOnline: boolean): void
}

/**
 * `visibilitychange` is the last event that phones are sure to send; `pagehide` comes at navigation, `freeze` before a tab is put to sleep.
 * Never `unload` or `beforeunload`: they keep a page out of the back/forward cache, and phones do not send them.
 */
export function watchPage({ hide, show, online }: PageHandlers): () => void {
  const controller = new AbortController()
  const { signal } = controller
  const on = (target: EventTarget, names: readonly string[], listener: () => void): void => {
    for (const name of names) target.addEventListener(name, listener, { signal, capture: true })
  }
  on(document, ['visibilitychange'], () => (document.visibilityState === 'hidden' ? hide() : show()))
  on(document, ['freeze'], hide)
  on(document, ['resume'], show)
  on(globalThis, ['pagehide'], hide)
  on(globalThis, ['pageshow'], show)
  on(globalThis, ['online'], () => online(true))
  on(globalThis, ['offline'], () => online(false))
  return () => controller.abort()
}

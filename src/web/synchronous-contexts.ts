import type { ContextStore, Frame } from '../core/ports.js'

/** Where a runtime cannot follow a call chain across await, as no browser can: the innermost frame that runs synchronously. */
export function createSynchronousContexts(): ContextStore {
  let top: Frame | undefined
  return {
    get: () => top,
    run(frame, fn) {
      const below = top
      top = frame
      try {
        return fn()
      } finally {
        top = below
      }
    },
  }
}

import { uuid } from '../core/ids.js'
import type { Visitor } from '../core/ports.js'
import type { LocalStorage } from './local-storage.js'

const NAME = 'raindrop-js/visitor'

/** One anonymous id for each browser, in every tab the same. Read each time: another tab may have logged out. */
export function createVisitor(storage: LocalStorage): Visitor {
  return {
    id() {
      const known = storage.get(NAME)
      if (known) return known
      const made = `anon_${uuid()}`
      storage.set(NAME, made)
      return made
    },
    forget: () => storage.remove(NAME),
  }
}

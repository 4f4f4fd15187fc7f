import { AsyncLocalStorage } from 'node:async_hooks'
import type { ContextStore, Frame } from '../core/ports.js'

/** Made at the first frame, not with the client: on Node 20 a storage in use doubles the price of every await in the process. */
export function createAsyncContexts(): ContextStore {
  let storage: AsyncLocalStorage<Frame> | undefined
  return {
    get: () => storage?.getStore(),
    run: (frame, fn) => (storage ??= new AsyncLocalStorage()).run(frame, fn),
  }
}

import type { ContextStore, Frame } from '../core/ports.js'
import { createSynchronousContexts } from '../web/synchronous-contexts.js'

interface AsyncStorage {
  getStore(): Frame | undefined
  run<T>(frame: Frame, fn: () => T): T
}
type AsyncStorageClass = new () => AsyncStorage

interface Host {
  AsyncLocalStorage?: AsyncStorageClass
  process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage?: AsyncStorageClass } | undefined }
}

/** A global on edge-light; a built-in module on workerd with nodejs_compat, Deno and Bun; found without importing it. */
function findAsyncStorage(): AsyncStorageClass | undefined {
  const host = globalThis as Host
  return host.AsyncLocalStorage ?? host.process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage
}

/** Made at the first frame. */
export function createEdgeContexts(): ContextStore {
  let store: ContextStore | undefined
  function open(): ContextStore {
    const Found = findAsyncStorage()
    return Found ? asyncContexts(new Found()) : createSynchronousContexts()
  }
  return {
    get: () => store?.get(),
    run: (frame, fn) => (store ??= open()).run(frame, fn),
  }
}

function asyncContexts(storage: AsyncStorage): ContextStore {
  return { get: () => storage.getStore(), run: (frame, fn) => storage.run(frame, fn) }
}

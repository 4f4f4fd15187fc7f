import type { ContextStore, Frame } from '../core/ports.js'

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

/** Where a runtime cannot follow a call chain across await: the innermost frame that runs synchronously. */
function createStack(): AsyncStorage {
  let top: Frame | undefined
  return {
    getStore: () => top,
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

/** Made at the first frame. */
export function createEdgeContexts(): ContextStore {
  let storage: AsyncStorage | undefined
  function open(): AsyncStorage {
    const Found = findAsyncStorage()
    return (storage ??= Found ? new Found() : createStack())
  }
  return {
    get: () => storage?.getStore(),
    run: (frame, fn) => open().run(frame, fn),
  }
}

import type { News, Siblings } from '../core/ports.js'
import type { LocalStorage } from './local-storage.js'
import { createTabLease } from './tab-lease.js'

/** The other tabs of an origin that use the same namespace. */
export function createSiblings(namespace: string, storage: LocalStorage): Siblings {
  const name = `raindrop-js/${namespace}`
  let channel: BroadcastChannel | undefined

  function open(): BroadcastChannel | undefined {
    try {
      channel ??= new BroadcastChannel(name)
    } catch {
      // Missing, or refused in a sandboxed frame.
    }
    return channel
  }

  return {
    lease: createTabLease(name),
    tell: (news) => open()?.postMessage(news),
    listen(listener) {
      const opened = open()
      if (opened) opened.onmessage = ({ data }: MessageEvent<News>) => listener(data)
      return () => {
        channel?.close()
        channel = undefined
      }
    },
    readOrder: () => Number(storage.get(`${name}/wait`) ?? 0) || 0,
    writeOrder: (until) => storage.set(`${name}/wait`, String(Math.round(until))),
  }
}

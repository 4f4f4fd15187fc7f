import type { Clock, News, Siblings } from '../core/ports.js'
import type { LocalStorage } from './local-storage.js'
import { createTabLease } from './tab-lease.js'

/** Between two looks at the clock: less than this is no clock that was set. */
const SLACK_MS = 1_000

/** The other tabs of an origin that use the same namespace. */
export function createSiblings(namespace: string, storage: LocalStorage, clock: Pick<Clock, 'now'>): Siblings {
  const name = `raindrop-js/${namespace}`
  const waitName = `${name}/wait`
  let channel: BroadcastChannel | undefined

  function open(): BroadcastChannel | undefined {
    try {
      channel ??= new BroadcastChannel(name)
    } catch {
      // Missing, or refused in a sandboxed frame.
    }
    return channel
  }

  /** On the wall clock, the only one that outlives the page, and how long it is: that clock can be set. */
  function order(waitMs: number): void {
    if (waitMs > 0) storage.set(waitName, `${Math.round(clock.now() + waitMs)} ${Math.round(waitMs)}`)
    else storage.remove(waitName)
  }

  return {
    lease: createTabLease(name),
    tell(news) {
      try {
        open()?.postMessage(news)
      } catch {
        // They find out by themselves.
      }
    },
    listen(listener) {
      const opened = open()
      if (opened) opened.onmessage = ({ data }: MessageEvent<News>) => listener(data)
      return () => {
        channel?.close()
        channel = undefined
      }
    },
    orderMs() {
      const [until, givenMs = 0] = (storage.get(waitName) ?? '').split(' ').map(Number)
      const leftMs = (until || 0) - clock.now()
      if (!(leftMs > 0)) return 0
      if (leftMs <= givenMs + SLACK_MS) return leftMs
      // The clock was set back behind it: it counts from now on, and once.
      order(givenMs || 0)
      return givenMs || 0
    },
    order,
  }
}

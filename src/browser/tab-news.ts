/** What tabs of one namespace tell each other. */
export type TabNews = { readonly kind: 'gone'; readonly keys: readonly string[] } | { readonly kind: 'wait'; readonly until: number }

export interface TabChannel {
  tell(news: TabNews): void
  listen(listener: (news: TabNews) => void): () => void
}

/** Silent where there is no BroadcastChannel: news save requests, nothing depends on them. */
export function createTabChannel(namespace: string): TabChannel {
  let channel: BroadcastChannel | undefined
  const open = (): BroadcastChannel | undefined => {
    try {
      channel ??= new BroadcastChannel(`raindrop-js/${namespace}`)
    } catch {
      // Missing, or refused in a sandboxed frame.
    }
    return channel
  }
  return {
    tell: (news) => open()?.postMessage(news),
    listen(listener) {
      const opened = open()
      if (opened) opened.onmessage = ({ data }: MessageEvent<TabNews>) => listener(data)
      return () => {
        channel?.close()
        channel = undefined
      }
    },
  }
}

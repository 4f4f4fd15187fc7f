/** What the network switch of the page is set to. It concerns what the page's client sends, and nothing else. */
export type NetworkMode = 'online' | 'offline' | 'error' | 'slow'

const cookieName = 'raindrop_demo_network'
const modes: readonly NetworkMode[] = ['online', 'offline', 'error', 'slow']

/**
 * In a cookie: it survives a reload, holds for all tabs (they share one queue), and the relay route sees it with every request and beacon.
 * The page itself goes by it when it is to be offline.
 */
export function readNetworkCookie(cookies: string): NetworkMode {
  const value = new RegExp(`(?:^|;\\s*)${cookieName}=([a-z]+)`).exec(cookies)?.[1]
  return modes.find((mode) => mode === value) ?? 'online'
}

export const networkCookie = (mode: NetworkMode) =>
  mode === 'online'
    ? `${cookieName}=; path=/; max-age=0; samesite=strict`
    : `${cookieName}=${mode}; path=/; samesite=strict`

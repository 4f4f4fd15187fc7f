import { Raindrop, type RaindropError } from 'raindrop-js'
import { networkCookie, readNetworkCookie, type NetworkMode } from './network-mode'

const networkMode = (): NetworkMode => (typeof document === 'undefined' ? 'online' : readNetworkCookie(document.cookie))
const isOffline = () => networkMode() === 'offline'

const listeners = new Set<() => void>()
let lastError: RaindropError | null = null

/** The client of this page. It holds no key: it talks to the relay. Made once per page; on the server, where pages are rendered too, it does nothing. */
export const raindrop = new Raindrop({
  relay: '/api/raindrop',
  fetch: (input, init) =>
    isOffline() ? Promise.reject(new TypeError('The network switch of this page is off.')) : fetch(input, init),
  onError(error) {
    lastError = error
    announce()
  },
})

if (typeof document !== 'undefined') simulateOffline()

/** "Go offline" has to mean it: no beacon leaves either, and whoever asks the browser is told so. */
function simulateOffline(): void {
  const { sendBeacon } = navigator
  navigator.sendBeacon = (...parameters) => !isOffline() && sendBeacon.apply(navigator, parameters)
  const isReallyOnline = Object.getOwnPropertyDescriptor(Navigator.prototype, 'onLine')?.get
  Object.defineProperty(navigator, 'onLine', {
    configurable: true,
    get: () => !isOffline() && isReallyOnline?.call(navigator) !== false,
  })
}

function announce(): void {
  for (const listener of listeners) listener()
}

/** For `useSyncExternalStore`. */
export const network = {
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  mode: networkMode,
  lastError: () => lastError,
  set(mode: NetworkMode) {
    document.cookie = networkCookie(mode)
    lastError = null
    window.dispatchEvent(new Event(mode === 'offline' ? 'offline' : 'online'))
    // Not when the backoff of before is over, but now: somebody is watching.
    if (mode !== 'offline') void raindrop.flush()
    announce()
  },
}

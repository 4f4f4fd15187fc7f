import type { Browser } from '@playwright/test'

/** What Playwright asks each new context of Firefox for, whether a test wants it or not, and Firefox ESR 153 does not know yet. */
const OPTIONAL = 'emulation.setMediaFeaturesOverride'

interface BidiSession {
  send(method: string, params?: object): Promise<unknown>
}
/** Inside of Playwright, which runs in this process: it offers no way to leave the command out. */
interface Inside {
  readonly _connection: { toImpl(browser: Browser): { readonly _browserSession: BidiSession } }
}

/** Nothing here looks at colours: a Firefox without that command is good enough. */
export function withoutMediaFeatures(browser: Browser): Browser {
  const session = (browser as unknown as Inside)._connection.toImpl(browser)._browserSession
  const send = session.send.bind(session)
  session.send = async (method, params) =>
    method === OPTIONAL ? await send(method, params).catch(() => ({})) : await send(method, params)
  return browser
}

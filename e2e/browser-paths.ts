import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The machine's own browsers. `npm run e2e` names them, and installs what is missing; the path serves who starts Playwright directly. */
function found(variable: string, names: readonly string[]): string | undefined {
  const given = process.env[variable]
  if (given) return given
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

/** Undefined lets Playwright use the one that it has downloaded. */
export const chromiumPath = (): string | undefined =>
  found('PLAYWRIGHT_CHROMIUM_PATH', ['chromium', 'chromium-browser', 'google-chrome'])

/** Undefined: there is none. Playwright's own speaks another protocol. */
export const firefoxPath = (): string | undefined => found('PLAYWRIGHT_FIREFOX_PATH', ['firefox-esr', 'firefox'])

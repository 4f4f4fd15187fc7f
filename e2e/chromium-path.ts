import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** The machine's own Chromium; undefined lets Playwright use the one that it has downloaded. `npm run e2e` installs one where none is. */
export function chromiumPath(): string | undefined {
  const { PLAYWRIGHT_CHROMIUM_PATH, PATH = '' } = process.env
  if (PLAYWRIGHT_CHROMIUM_PATH) return PLAYWRIGHT_CHROMIUM_PATH
  const folders = PATH.split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

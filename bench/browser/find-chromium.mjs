import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Finds or installs a Chromium. The last line that the script prints is the path. */
export function findChromium() {
  const script = fileURLToPath(new URL('../../scripts/browsers.mjs', import.meta.url))
  const output = execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return output.trim().split('\n').at(-1)
}

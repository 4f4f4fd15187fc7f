import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectory } from './data-directory'

const globals = globalThis as { demoSecret?: string }

/**
 * A key for one purpose, so that a signature made for one is worth nothing for another. They come from FEEDBACK_SECRET, or from a secret made
 * at the first start and kept with the data: cookies and tokens hold over a restart.
 */
export function keyFor(purpose: string): string {
  globals.demoSecret ??= process.env.FEEDBACK_SECRET || keptSecret()
  return createHmac('sha256', globals.demoSecret).update(purpose).digest('base64url')
}

function keptSecret(): string {
  const directory = dataDirectory()
  const file = join(directory, 'feedback-secret')
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const secret = readFileSync(file, 'utf8').trim()
  if (secret.length < 32) throw new Error(`${file} holds no secret. Remove it, and the next start makes another one.`)
  return secret
}

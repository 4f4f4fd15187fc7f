import { setTimeout as delay } from 'node:timers/promises'
import { StartError } from './errors.mjs'

const deadlineMs = 90_000
const everyMs = 100

/**
 * Resolves once the address answers well. Never resolves when the demo is already stopping: it then ends the process itself.
 *
 * @param {string} url
 * @param {{ isStopping(): boolean }} processes
 */
export async function waitForAnswer(url, processes) {
  const deadline = Date.now() + deadlineMs
  while (Date.now() < deadline) {
    if (processes.isStopping()) await new Promise(() => undefined)
    const isUp = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.ok,
      () => false,
    )
    if (isUp) return
    await delay(everyMs)
  }
  throw new StartError(`${url} did not answer within ${deadlineMs / 1_000} seconds. What is printed above may say why.`)
}

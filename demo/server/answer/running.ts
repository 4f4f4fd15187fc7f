import { stopping } from '../stopping'

interface Running {
  controller: AbortController
  ended: Promise<void>
  end: () => void
}

const globals = globalThis as { demoRunning?: Map<string, Running> }

/** Answers under way in this process, by event id. On `globalThis` for the reason told in raindrop.ts. */
const running = () => (globals.demoRunning ??= new Map())

/** Aborted when the visitor stops the answer, and when the server stops. */
export function startRunning(eventId: string): AbortSignal {
  const controller = new AbortController()
  let end = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  running().set(eventId, { controller, ended, end })
  return AbortSignal.any([controller.signal, stopping()])
}

export function endRunning(eventId: string): void {
  running().get(eventId)?.end()
  running().delete(eventId)
}

export const stopRunning = (eventId: string): void => running().get(eventId)?.controller.abort()

/** Resolves once everything that runs now has ended, and is stored. */
export async function runningEnded(): Promise<void> {
  await Promise.all([...running().values()].map(({ ended }) => ended))
}

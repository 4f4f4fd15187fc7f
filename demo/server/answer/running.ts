import { stopping } from '../stopping'

const globals = globalThis as { demoRunning?: Map<string, AbortController> }

/** Answers under way in this process, by event id. On `globalThis` for the reason told in raindrop.ts. */
const running = () => (globals.demoRunning ??= new Map())

/** Aborted when the visitor stops the answer, and when the server stops. */
export function startRunning(eventId: string): AbortSignal {
  const controller = new AbortController()
  running().set(eventId, controller)
  return AbortSignal.any([controller.signal, stopping()])
}

export const endRunning = (eventId: string): boolean => running().delete(eventId)

export const stopRunning = (eventId: string): void => running().get(eventId)?.abort()

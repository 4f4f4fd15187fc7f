import { readUsage, type Usage } from 'raindrop-js/internal'

/** Begins a look at a program; the function that it returns ends it, with what the call used. `used`: it must have used something. */
export type UsageWatch = () => (result?: unknown, used?: boolean) => Usage

type Source = { usage?: unknown; getUsage?: unknown; getLmUsage?: unknown }

/** Usage as a result or a program tells it, where no service did: programs that hold their own service, or are none of Ax. */
export function createUsageWatch(program: object): UsageWatch {
  const looks = new Set<{ before: Usage; shared: boolean }>()

  return () => {
    const look = { before: sum(told(program)), shared: looks.size > 0 }
    for (const other of looks) other.shared = true
    looks.add(look)
    return (result, used = false) => {
      looks.delete(look)
      const ofResult = readUsage(told(result))
      if (isKnown(ofResult)) return ofResult
      const usage = told(program)
      if (!isHistory(usage)) return readUsage(usage)
      // A history of concurrent calls does not say whose tokens are whose.
      return look.shared ? {} : since(readUsage(usage), look.before, used)
    }
  }
}

function told(source: unknown): unknown {
  const { usage, getUsage, getLmUsage } = Object(source) as Source
  const get = getUsage ?? getLmUsage
  return typeof get === 'function' ? get.call(source) : usage
}

/** Ax keeps a list for each program, and agents an object of such lists; everybody else tells of the last call. */
function isHistory(usage: unknown): boolean {
  return Array.isArray(usage) || Object.values(Object(usage) as object).some(Array.isArray)
}

function sum(usage: unknown): Usage {
  return isHistory(usage) ? readUsage(usage) : {}
}

function isKnown({ prompt, completion }: Usage): boolean {
  return prompt !== undefined || completion !== undefined
}

/** A history that was reset meanwhile begins at nothing, and one that did not grow is none: it tells of the last call. */
function since(now: Usage, before: Usage, used: boolean): Usage {
  const { prompt = 0, completion = 0 } = before
  const { prompt: promptNow = 0, completion: completionNow = 0 } = now
  if (promptNow < prompt || completionNow < completion) return now
  const stood = (promptNow > 0 && promptNow === prompt) || (completionNow > 0 && completionNow === completion)
  if (stood && used) return now
  const grew = promptNow > prompt || completionNow > completion
  return grew ? { prompt: promptNow - prompt, completion: completionNow - completion } : {}
}

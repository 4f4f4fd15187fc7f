/** What a result tells about itself beside its answer. */
const BESIDE: ReadonlySet<string> = new Set(['usage', 'model', 'finishReason', 'finish_reason'])

/** The answer as text: that of a program with one output field, else all of its fields. */
export function textOf(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return result
  const fields = Object.entries(result).filter(([name, value]) => typeof value !== 'function' && !BESIDE.has(name))
  if (fields.length === 1 && typeof fields[0]?.[1] === 'string') return fields[0][1]
  return Object.fromEntries(fields)
}

/** Puts the parts of a streamed answer together. */
export interface Joiner {
  add(part: unknown): void
  get(): unknown
}

/** Ax streams `{ version, index, delta }`: a higher version is a retry, which begins again; an index above 0 is another sample. */
export function createJoiner(): Joiner {
  let version: unknown
  let text = ''
  let fields: Record<string, unknown> = {}
  let last: unknown
  return {
    add(part) {
      if (typeof part === 'string') return void (text += part)
      const { delta, version: now, index } = Object(part) as { delta?: unknown; version?: unknown; index?: unknown }
      if (delta === undefined) return void (last = part)
      if (index) return
      if (now !== version) {
        version = now
        text = ''
        fields = {}
      }
      if (typeof delta === 'string') text += delta
      else
        for (const [name, value] of Object.entries(Object(delta) as object)) fields[name] = joined(fields[name], value)
    },
    get: () => text || textOf(Object.keys(fields).length > 0 ? fields : last),
  }
}

function joined(before: unknown, value: unknown): unknown {
  if (typeof before === 'string' && typeof value === 'string') return before + value
  return Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value
}

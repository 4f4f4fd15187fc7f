import * as v from 'valibot'

/** The first thing that is wrong with a body, and where. */
export interface WireIssue {
  /** Path of the offending field from the top of the request body, e.g. `[0].ai_data.input`. */
  path: string
  /** The whole sentence, path included. */
  message: string
}

export function wireIssue(path: string, problem: string): WireIssue {
  return { path, message: path === '' ? problem : `${path}: ${problem}` }
}

export function joinPath(base: string, key: string | number): string {
  if (typeof key === 'number') return `${base}[${key}]`
  return base === '' ? key : `${base}.${key}`
}

/** Runs a schema and translates its first issue. The checked input is used as it came: schemas here only judge. */
export function firstIssue(schema: v.GenericSchema, input: unknown, base: string): WireIssue | undefined {
  const result = v.safeParse(schema, input, { abortEarly: true })
  if (result.success) return undefined
  const [issue] = result.issues
  const path = (issue.path ?? []).reduce((at, item) => joinPath(at, item.key as string | number), base)
  return wireIssue(path, problemOf(issue))
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'validation' || issue.type === 'custom') return issue.message
  if (issue.received === 'undefined') return `is missing, expected ${expectedOf(issue)}`
  return `expected ${expectedOf(issue)}, received ${shortened(issue.received)}`
}

function expectedOf(issue: v.BaseIssue<unknown>): string {
  // For a missing key valibot names the key itself as what it expected, which says nothing beyond the path.
  const lastKey = issue.path?.at(-1)?.key
  return issue.expected === JSON.stringify(lastKey) ? 'a value' : String(issue.expected)
}

/** Names what came without repeating a user's text in an error message. */
function shortened(received: string): string {
  return received.length > 60 ? `${received.slice(0, 57)}…"` : received
}

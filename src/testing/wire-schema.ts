import { eventFlags, eventIssue, partialFlags, partialIssue } from './event-schema'
import { identifyFlags, identifyIssue, signalFlags, signalIssue } from './signal-schema'
import { spansFlags, spansIssue } from './span-schema'
import type { IngestKind, WireFields } from './types'
import { wireIssue, type WireIssue } from './wire-issue'

interface WireRules {
  /** Why it must be refused, if it must. */
  issue(body: unknown, base: string): WireIssue | undefined
  /** What is suspicious about an acceptable one. */
  flags(body: WireFields, base: string): string[]
}

const rules: Record<IngestKind, WireRules> = {
  event: { issue: eventIssue, flags: eventFlags },
  partial: { issue: partialIssue, flags: partialFlags },
  signal: { issue: signalIssue, flags: signalFlags },
  identify: { issue: identifyIssue, flags: identifyFlags },
  spans: { issue: spansIssue, flags: spansFlags },
}

/** A body that a strict ingest takes, with what is odd about it; or the first thing that is wrong with it, and where. */
export type WireCheck =
  | { readonly ok: true; readonly body: WireFields; readonly flags: readonly string[] }
  | ({ readonly ok: false } & Readonly<WireIssue>)

/**
 * Judges one wire body the way a strict Raindrop ingest would: refuses what breaks the protocol, naming the field, and
 * flags what is legal but surely a mistake. `base` is the body's own path, and begins every path in the result.
 *
 * @example
 * checkWireBody('signal', { event_id: 'e1', signal_name: 'thumbs_up', sentiment: 'GOOD' })
 * // { ok: false, path: 'sentiment', message: 'sentiment: expected ("POSITIVE" | "NEGATIVE"), received "GOOD"' }
 */
export function checkWireBody(kind: IngestKind, body: unknown, base = ''): WireCheck {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { ok: false, ...wireIssue(base, 'must be a JSON object') }
  }
  const { issue, flags } = rules[kind]
  const found = issue(body, base)
  return found === undefined ? { ok: true, body, flags: flags(body, base) } : { ok: false, ...found }
}

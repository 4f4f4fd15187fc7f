import type { TraceSpan } from './events'

export interface TraceRow {
  span: TraceSpan
  depth: number
  /** Where its bar begins and how long it is, as shares of the whole trace. */
  left: number
  width: number
}

/** Parents before their children, both by time. A span whose parent did not arrive stands at the top. */
export function traceRows(spans: readonly TraceSpan[]): TraceRow[] {
  const start = Math.min(...spans.map(({ startMs }) => startMs))
  const length = Math.max(...spans.map(({ endMs }) => endMs)) - start || 1
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const children = new Map<string | null, TraceSpan[]>()
  for (const span of spans) {
    const parent = span.parentId !== null && ids.has(span.parentId) ? span.parentId : null
    children.set(parent, [...(children.get(parent) ?? []), span])
  }

  const rows: TraceRow[] = []
  const seen = new Set<string>()
  const add = (span: TraceSpan, depth: number) => {
    // A sender may claim circles.
    if (seen.has(span.spanId)) return
    seen.add(span.spanId)
    rows.push({ span, depth, left: (span.startMs - start) / length, width: (span.endMs - span.startMs) / length })
    for (const child of children.get(span.spanId) ?? []) add(child, depth + 1)
  }
  for (const span of children.get(null) ?? []) add(span, 0)
  for (const span of spans) add(span, 0)
  return rows
}

export function duration({ startMs, endMs }: TraceSpan): string {
  const ms = endMs - startMs
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`
}

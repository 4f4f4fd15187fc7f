export interface SpanIdSource {
  traceId(): string
  spanId(): string
}

/** Random bytes drawn at a time: one call of the generator costs as much as a span may. */
const POOL_BYTES = 1_024

/** Ids of traces and spans, in hex. A source each, so that two clients share nothing. */
export function createSpanIds(): SpanIdSource {
  const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
  const pool = new Uint8Array(POOL_BYTES)
  let at = POOL_BYTES

  function take(size: number): string {
    if (at + size > POOL_BYTES) {
      crypto.getRandomValues(pool)
      at = 0
    }
    let id = ''
    for (const end = at + size; at < end; at++) id += hex[pool[at]!]
    return id
  }
  return { traceId: () => take(16), spanId: () => take(8) }
}

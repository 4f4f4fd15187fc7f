import type { Clock } from './ports.js'
import type { Kind } from './wire.js'

/** What is sent first, and dropped last: feedback, then what happened, then how. */
export type Lane = 0 | 1 | 2
export const LANES = [0, 1, 2] as const

const LANE_OF: Record<Kind, Lane> = { signal: 0, event: 1, partial: 1, identify: 1, spans: 2 }

export function laneOf(kind: Kind): Lane {
  return LANE_OF[kind]
}

/** Enough digits of base 36 for microseconds since 1970 until the year 6000. */
const SEQ_DIGITS = 11

/**
 * Keys whose order is the order of sending: `<namespace>/<lane>/<sequence>-<id>.<chars>`. The length rides along so that what an earlier
 * page left can be counted without loading it; an index for it made every write a third dearer.
 */
export interface RecordKeys {
  prefix(lane?: Lane): string
  /** `chars`: of the record's JSON. */
  key(lane: Lane, seq: number, id: string, chars: number): string
  seqOf(key: string): number
  /** What the record had when it was first written. */
  charsOf(key: string): number
}

export function createRecordKeys(namespace: string): RecordKeys {
  const prefix = (lane?: Lane): string => (lane === undefined ? `${namespace}/` : `${namespace}/${lane}/`)
  const from = prefix(0).length
  return {
    prefix,
    key: (lane, seq, id, chars) =>
      `${prefix(lane)}${seq.toString(36).padStart(SEQ_DIGITS, '0')}-${id}.${chars.toString(36)}`,
    seqOf: (key) => Number.parseInt(key.slice(from, from + SEQ_DIGITS), 36),
    charsOf: (key) => Number.parseInt(key.slice(key.lastIndexOf('.') + 1), 36) || 0,
  }
}

/** Numbers that grow with time, and go on growing when the clock is set back. */
export interface Sequence {
  readonly last: number
  /** When the first was given, by a clock that nobody sets. */
  readonly startedAt: number
  next(): number
  /** False for what an earlier process left. */
  isOwn(seq: number): boolean
}

export function createSequence(clock: Clock): Sequence {
  let first = Infinity
  let last = 0
  let startedAt = 0
  return {
    get last() {
      return last
    },
    get startedAt() {
      return startedAt
    },
    next() {
      last = Math.max(last + 1, clock.now() * 1_000)
      if (first === Infinity) {
        first = last
        startedAt = clock.elapsed()
      }
      return last
    },
    isOwn: (seq) => seq >= first && seq <= last,
  }
}

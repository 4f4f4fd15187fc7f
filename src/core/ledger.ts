import type { DeliveryStats, DropReason, FlushReport } from './types.js'

/** The records that were pending at one moment, and what became of them. */
export interface Cover {
  readonly report: FlushReport
  /** No longer counted into. */
  release(): void
}

/** How a record ends. */
export type Settled = 'delivered' | DropReason

/** Counters that always add up: tracked = delivered + pending + Σ dropped. */
export interface Ledger {
  track(): void
  /** Records of an earlier process, which were there before everything that is covered now. */
  found(records: number): void
  /** A call that never became a record. */
  reject(reason: DropReason): void
  /** `seq` 0: found. */
  settle(seq: number, outcome: Settled): void
  /** Hears how the record of that number ends. */
  watch(seq: number, onOver: (outcome: Settled) => void): void
  cover(pending: number, lastSeq: number): Cover
  stats(pending: number, storage: DeliveryStats['storage']): DeliveryStats
}

function noDrops(): Record<DropReason, number> {
  return { invalid: 0, before_send: 0, queue_full: 0, too_large: 0, rejected: 0, expired: 0, shutdown: 0, disabled: 0 }
}

export function createLedger(): Ledger {
  const dropped = noDrops()
  const watched = new Map<number, (outcome: Settled) => void>()
  const covers = new Set<{ lastSeq: number; report: FlushReport }>()
  let tracked = 0
  let delivered = 0

  return {
    track() {
      tracked++
    },
    found(records) {
      tracked += records
      for (const { report } of covers) report.pending += records
    },
    reject(reason) {
      tracked++
      dropped[reason]++
    },
    settle(seq, outcome) {
      if (outcome === 'delivered') delivered++
      else dropped[outcome]++
      const onOver = watched.get(seq)
      watched.delete(seq)
      onOver?.(outcome)
      for (const { lastSeq, report } of covers) {
        if (seq > lastSeq || report.pending === 0) continue
        report.pending--
        if (outcome === 'delivered') report.delivered++
        else report.dropped++
      }
    },
    watch: (seq, onOver) => void watched.set(seq, onOver),
    cover(pending, lastSeq) {
      const cover = { lastSeq, report: { delivered: 0, pending, dropped: 0 } }
      covers.add(cover)
      return { report: cover.report, release: () => void covers.delete(cover) }
    },
    stats: (pending, storage) => ({ tracked, delivered, pending, dropped: { ...dropped }, storage }),
  }
}

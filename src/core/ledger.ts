import type { DeliveryStats, DropReason, FlushReport } from './types.js'

/** The records that were pending at one moment, and what became of them. */
export interface Cover {
  readonly report: FlushReport
  /** No longer counted into. */
  release(): void
}

/** Counters that always add up: tracked = delivered + pending + Σ dropped. */
export interface Ledger {
  track(records: number): void
  /** `none`: the call never became a record. */
  settle(from: 'pending' | 'none', outcome: 'delivered' | DropReason, seq: number): void
  cover(pending: number, lastSeq: number): Cover
  stats(pending: number, storage: DeliveryStats['storage']): DeliveryStats
}

function noDrops(): Record<DropReason, number> {
  return { invalid: 0, before_send: 0, queue_full: 0, too_large: 0, rejected: 0, expired: 0, shutdown: 0, disabled: 0 }
}

export function createLedger(): Ledger {
  const dropped = noDrops()
  const covers = new Set<{ lastSeq: number; report: FlushReport }>()
  let tracked = 0
  let delivered = 0

  return {
    track(records) {
      tracked += records
    },
    settle(from, outcome, seq) {
      if (outcome === 'delivered') delivered++
      else dropped[outcome]++
      if (from === 'none') return
      for (const cover of covers) {
        if (seq > cover.lastSeq || cover.report.pending === 0) continue
        cover.report.pending--
        if (outcome === 'delivered') cover.report.delivered++
        else cover.report.dropped++
      }
    },
    cover(pending, lastSeq) {
      const cover = { lastSeq, report: { delivered: 0, pending, dropped: 0 } }
      covers.add(cover)
      return { report: cover.report, release: () => void covers.delete(cover) }
    },
    stats: (pending, storage) => ({ tracked, delivered, pending, dropped: { ...dropped }, storage }),
  }
}

/** How many records a request may hold, learned from what was too large. */
export interface BatchSize {
  readonly records: number
  /** A request of this many was too large. */
  tooLarge(records: number): void
  accepted(): void
}

/** Successes in a row after which a size that was halved doubles again. */
const RECOVERY = 8

export function createBatchSize(most: number): BatchSize {
  let records = most
  let successes = 0
  return {
    get records() {
      return records
    },
    tooLarge(refused) {
      records = Math.min(records, Math.ceil(refused / 2))
      successes = 0
    },
    accepted() {
      if (records === most || ++successes < RECOVERY) return
      successes = 0
      records = Math.min(most, records * 2)
    },
  }
}

import type { QueueRecord } from '../../core/types.js'

/** One write: long enough to be worth its system call, short enough that a file does not outgrow its bound by much. */
const BATCH_RECORDS = 1_000
const BATCH_CHARS = 1_048_576

export function batchesOf(records: readonly QueueRecord[]): QueueRecord[][] {
  const batches: QueueRecord[][] = []
  let batch: QueueRecord[] = []
  let chars = 0
  for (const record of records) {
    if (batch.length === 0 || batch.length >= BATCH_RECORDS || chars >= BATCH_CHARS) {
      batches.push((batch = []))
      chars = 0
    }
    batch.push(record)
    chars += record.json.length
  }
  return batches
}

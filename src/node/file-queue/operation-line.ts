import type { QueueRecord } from '../../core/types.js'
import type { SegmentLog } from './segment-log.js'

/** What one write takes along, beyond the first put in it. */
const JOINED_RECORDS = 1_000

interface Settles {
  resolve(): void
  reject(error: unknown): void
}

type Operation =
  | (Settles & { kind: 'put'; records: readonly QueueRecord[] })
  | (Settles & { kind: 'remove'; keys: readonly string[] })
  | (Settles & { kind: 'run'; act: () => Promise<void> })

/**
 * Calls on the log, one at a time and in their order. The first starts at once; puts that arrive while it runs are written together, so
 * that a burst costs a few writes and not one for each record.
 */
export class OperationLine {
  private readonly log: SegmentLog
  private waiting: Operation[] = []
  private isRunning = false

  constructor(log: SegmentLog) {
    this.log = log
  }

  put(records: readonly QueueRecord[]): Promise<void> {
    return new Promise((resolve, reject) => this.add({ kind: 'put', records, resolve, reject }))
  }

  remove(keys: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => this.add({ kind: 'remove', keys, resolve, reject }))
  }

  run<T>(act: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // Settled from inside with its value; the line only waits for it.
      const settle = () => act().then(resolve, reject)
      this.add({ kind: 'run', act: settle, resolve: () => undefined, reject })
    })
  }

  /** Writes what waits, now. Reading goes on waiting. What is under way cannot be hurried. */
  drainSync(): void {
    const writes = this.waiting.filter(({ kind }) => kind !== 'run')
    this.waiting = this.waiting.filter(({ kind }) => kind === 'run')
    for (const write of writes) settleSync(write, () => this.writeSync(write))
  }

  private writeSync(operation: Operation): void {
    if (operation.kind === 'put') this.log.putSync(operation.records)
    if (operation.kind === 'remove') this.log.removeSync(operation.keys)
  }

  private add(operation: Operation): void {
    this.waiting.push(operation)
    if (!this.isRunning) void this.work()
  }

  /** Never rejects: each operation tells its own caller. */
  private async work(): Promise<void> {
    this.isRunning = true
    for (let joined = this.next(); joined.length > 0; joined = this.next()) {
      try {
        await this.perform(joined)
        for (const { resolve } of joined) resolve()
      } catch (error) {
        for (const { reject } of joined) reject(error)
      }
    }
    this.isRunning = false
  }

  private perform(joined: readonly Operation[]): Promise<void> {
    const [first] = joined
    if (first?.kind === 'run') return first.act()
    if (first?.kind === 'put') return this.log.put(joined.flatMap((each) => (each.kind === 'put' ? each.records : [])))
    return this.log.remove(joined.flatMap((each) => (each.kind === 'remove' ? each.keys : [])))
  }

  /** The first that waits, with those right behind it that can share its write. */
  private next(): Operation[] {
    const kind = this.waiting[0]?.kind
    let records = 0
    let count = 0
    for (const operation of this.waiting) {
      if (count > 0 && (operation.kind !== kind || kind === 'run' || records >= JOINED_RECORDS)) break
      if (operation.kind === 'put') records += operation.records.length
      count++
    }
    return this.waiting.splice(0, count)
  }
}

function settleSync(operation: Settles, act: () => void): void {
  try {
    act()
    operation.resolve()
  } catch (error) {
    operation.reject(error)
  }
}

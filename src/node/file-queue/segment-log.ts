import { createOrderedKeys, type QueueSize } from './ordered-keys.js'
import type { QueueRecord, QueueStore } from '../../core/types.js'
import { adoptSegments } from './adoption.js'
import { batchesOf } from './batches.js'
import { acknowledgementLines, recordLines, type RecordLines, type RecordSpan } from './lines.js'
import { Segment, TruncatedSegmentError } from './segment.js'
import { isGone, WritingPlace } from './writing-place.js'

interface Entry extends RecordSpan {
  readonly segment: Segment
}

/**
 * The records in files, and in memory where each of them lies. An acknowledgement goes into the file that holds its record, so that each
 * file's life is its own: it ends when all its records are acknowledged, whatever the others hold. Its asynchronous methods are called one
 * at a time; the synchronous ones may come in between (a process that exits waits for nobody).
 */
export class SegmentLog {
  private readonly directory: string
  private readonly place: WritingPlace
  private readonly index = createOrderedKeys<Entry>(({ length }) => length)
  private hasAdopted = false
  private isPutting = false
  /** Dealt with by a synchronous call while an asynchronous put was under way: what that put brings of them is older. */
  private readonly overtaken = new Set<string>()
  private readonly removedBeforeAdoption = new Set<string>()

  constructor(directory: string) {
    this.directory = directory
    this.place = new WritingPlace(directory)
  }

  async put(records: readonly QueueRecord[]): Promise<void> {
    this.isPutting = true
    try {
      for (const batch of batchesOf(records)) await this.putBatch(batch)
    } finally {
      this.isPutting = false
      this.overtaken.clear()
    }
  }

  putSync(records: readonly QueueRecord[]): void {
    for (const batch of batchesOf(records)) {
      const segment = this.place.quietSegment()
      const lines = recordLines(batch)
      const start = this.orForget(segment, () => segment.appendSync(lines.text, batch.length))
      const replaced = this.enter(segment, start, lines, new Set())
      if (this.isPutting) for (const { key } of batch) this.overtaken.add(key)
      try {
        this.strikeSync(replaced)
      } catch {
        // Owed: the new record is safe, and that is what was asked.
      }
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.adopt()
    await this.strike(this.take(keys))
  }

  removeSync(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.isPutting) this.overtaken.add(key)
      if (!this.hasAdopted) this.removedBeforeAdoption.add(key)
    }
    this.strikeSync(this.take(keys))
  }

  async peek({ prefix, after, limit }: Parameters<QueueStore['peek']>[0]): Promise<readonly QueueRecord[]> {
    await this.adopt()
    const found = this.index.range(prefix, after, limit)
    const json = new Map<string, string>()
    const read = async (segment: Segment, entries: readonly Entry[]) => {
      const texts = await segment.read(entries).catch((error: unknown) => this.forgetWhere(segment, error))
      entries.forEach(({ key }, at) => json.set(key, texts[at] as string))
    }
    // All opened at once, so that a synchronous call in between cannot empty one that is still to be read.
    await Promise.all(
      [...bySegment(found.map(([, entry]) => entry))].map(([segment, entries]) => read(segment, entries)),
    )
    return found.map(([key]) => ({ key, json: json.get(key) as string }))
  }

  async size(prefix: string): Promise<QueueSize> {
    await this.adopt()
    return this.index.size(prefix)
  }

  /** What is still to be sent stays, for whoever opens the directory next. */
  async close(): Promise<void> {
    try {
      for (const segment of bySegment(this.entries()).keys()) await segment.payDebts()
    } finally {
      this.place.leave()
      this.index.clear()
      this.removedBeforeAdoption.clear()
      this.hasAdopted = false
    }
  }

  private async putBatch(batch: readonly QueueRecord[]): Promise<void> {
    const segment = this.place.segment()
    const lines = recordLines(batch)
    const start = await segment
      .append(lines.text, batch.length)
      .catch((error: unknown) => this.forgetWhere(segment, error))
    const outdated = this.enter(segment, start, lines, this.overtaken)
    // An acknowledgement that cannot be written is owed, and no failure of this put: its records are safe.
    await this.strike(outdated).catch(() => undefined)
  }

  /** Returns what the new records made void: the old ones of the same keys, or those of them that were overtaken. */
  private enter(segment: Segment, start: number, lines: RecordLines, overtaken: ReadonlySet<string>): Entry[] {
    const entries = new Map<string, Entry>()
    for (const span of lines.spans) entries.set(span.key, { ...span, start: start + span.start, segment })
    segment.live += entries.size
    const outdated: Entry[] = []
    for (const [key, entry] of entries) {
      const isOutdated = overtaken.has(key)
      const loser = isOutdated ? entry : this.index.get(key)
      if (isOutdated) entries.delete(key)
      if (loser !== undefined) outdated.push(loser)
    }
    this.index.set(entries)
    return outdated
  }

  private take(keys: readonly string[]): Entry[] {
    const taken = new Map<string, Entry>()
    for (const key of keys) {
      const entry = this.index.get(key)
      if (entry !== undefined) taken.set(key, entry)
    }
    this.index.delete([...taken.keys()])
    return [...taken.values()]
  }

  private async strike(entries: readonly Entry[]): Promise<void> {
    const failures: unknown[] = []
    for (const [segment, struck] of bySegment(entries)) {
      try {
        const lines = this.acknowledge(segment, struck)
        if (lines === '') continue
        await segment.append(lines, 0).catch((error: unknown) => this.owe(segment, lines, error))
        // A synchronous call may have taken the last record meanwhile.
        segment.clear()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  private strikeSync(entries: readonly Entry[]): void {
    const failures: unknown[] = []
    for (const [segment, struck] of bySegment(entries)) {
      try {
        const lines = this.acknowledge(segment, struck)
        if (lines === '') continue
        if (segment.isBusy) segment.owe(lines)
        else this.appendSyncOrOwe(segment, lines)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  private appendSyncOrOwe(segment: Segment, lines: string): void {
    try {
      segment.appendSync(lines, 0)
    } catch (error) {
      this.owe(segment, lines, error)
    }
  }

  /** The lines to write, or none where the whole file could go, or where a later record of the key stands further down in it. */
  private acknowledge(segment: Segment, struck: readonly Entry[]): string {
    segment.live -= struck.length
    if (segment.clear()) return ''
    const keys = struck.map(({ key }) => key)
    return acknowledgementLines(keys.filter((key) => this.index.get(key)?.segment !== segment))
  }

  private owe(segment: Segment, lines: string, error: unknown): never {
    segment.owe(lines)
    return this.forgetWhere(segment, error)
  }

  private async adopt(): Promise<void> {
    if (this.hasAdopted) return
    const paths = adoptSegments(this.directory, this.place.home, () => this.place.openHome())
    this.hasAdopted = true
    const adopted = new Set<Segment>()
    const failures: unknown[] = []
    for (const path of paths) {
      // A file that cannot be read stays where it is, for the next start; the others are worth having now.
      await this.adoptSegment(path, adopted).catch((error: unknown) => failures.push(error))
    }
    this.removedBeforeAdoption.clear()
    if (failures.length > 0) throw failures[0]
  }

  /** Later files win over earlier ones, and what this process wrote itself over all of them. */
  private async adoptSegment(path: string, adopted: Set<Segment>): Promise<void> {
    const { segment, records } = await Segment.adopt(path)
    adopted.add(segment)
    const fresh: Array<[string, Entry]> = []
    const outdated: Entry[] = []
    for (const [key, span] of records) {
      const entry = { ...span, segment }
      const rival = this.index.get(key)
      const isOutdated = this.removedBeforeAdoption.has(key) || (rival !== undefined && !adopted.has(rival.segment))
      if (!isOutdated) fresh.push([key, entry])
      const loser = isOutdated ? entry : rival
      if (loser !== undefined) outdated.push(loser)
    }
    this.index.set(fresh)
    segment.clear()
    await this.strike(outdated).catch(() => undefined)
  }

  /** A file that is not there any more, or is cut short, would fail every read from now on: its records are gone, and size() shall say so. */
  private forgetWhere(segment: Segment, error: unknown): never {
    if (isGone(error) || error instanceof TruncatedSegmentError) {
      const lost = this.entries().filter((entry) => entry.segment === segment)
      this.index.delete(lost.map(({ key }) => key))
      segment.live = 0
      this.place.leaveWhatIsLost(segment)
    } else segment.clear()
    throw error
  }

  private orForget<T>(segment: Segment, act: () => T): T {
    try {
      return act()
    } catch (error) {
      return this.forgetWhere(segment, error)
    }
  }

  private entries(): Entry[] {
    return this.index.range('', undefined, Number.POSITIVE_INFINITY).map(([, entry]) => entry)
  }
}

function bySegment(entries: readonly Entry[]): Map<Segment, Entry[]> {
  const groups = new Map<Segment, Entry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.segment)
    if (group === undefined) groups.set(entry.segment, [entry])
    else group.push(entry)
  }
  return groups
}

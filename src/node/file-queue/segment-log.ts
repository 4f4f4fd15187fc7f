import { readFile } from 'node:fs'
import type { Buffer } from 'node:buffer'
import { OrderedKeys, type QueueSize } from '../../core/ordered-keys.js'
import type { QueueRecord, QueueStore } from '../../core/types.js'
import { adoptSegments } from './adoption.js'
import { Home } from './home.js'
import { acknowledgementLines, recordLines, scanSegment, type RecordLines, type RecordSpan } from './lines.js'
import { Segment, TruncatedSegmentError } from './segment.js'

/** One write: long enough to be worth its system call, short enough that a file does not outgrow its bound by much. */
const BATCH_RECORDS = 1_000
const BATCH_CHARS = 1_048_576

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
  private readonly index = new OrderedKeys<Entry>(({ length }) => length)
  private home: Home | undefined
  /** The file that new records go to. */
  private current: Segment | undefined
  private hasAdopted = false
  private isPutting = false
  /** Dealt with by a synchronous call while an asynchronous put was under way: what that put brings of them is older. */
  private readonly overtaken = new Set<string>()
  private readonly removedBeforeAdoption = new Set<string>()

  constructor(directory: string) {
    this.directory = directory
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
      // Behind an asynchronous write offsets are unknown, and it may end in half a line: a file of its own has neither trouble.
      if (this.current?.isBusy) this.sealCurrent()
      const segment = this.segmentForWriting()
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
    for (const [segment, entries] of bySegment(found.map(([, entry]) => entry))) {
      const texts = await segment.read(entries).catch((error: unknown) => this.forgetWhere(segment, error))
      entries.forEach(({ key }, at) => json.set(key, texts[at] as string))
    }
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
      this.leaveHome()
      this.index.clear()
      this.removedBeforeAdoption.clear()
      this.hasAdopted = false
    }
  }

  private async putBatch(batch: readonly QueueRecord[]): Promise<void> {
    const segment = this.segmentForWriting()
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
        if (lines !== '') await segment.append(lines, 0).catch((error: unknown) => this.owe(segment, lines, error))
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

  private segmentForWriting(): Segment {
    const { current } = this
    if (current !== undefined && !current.isSealed && !current.isFull) return current
    this.sealCurrent()
    try {
      this.current = Segment.create(this.openHome().nextSegmentPath())
    } catch (error) {
      // The folder was removed, or taken over: once more, in a new one.
      if (!isGone(error)) throw error
      this.leaveHome()
      this.current = Segment.create(this.openHome().nextSegmentPath())
    }
    return this.current
  }

  private openHome(): Home {
    this.home ??= new Home(this.directory)
    return this.home
  }

  private leaveHome(): void {
    this.sealCurrent()
    this.home?.close()
    this.home = undefined
  }

  private sealCurrent(): void {
    this.current?.seal()
    this.current?.clear()
    this.current = undefined
  }

  private async adopt(): Promise<void> {
    if (this.hasAdopted) return
    const paths = adoptSegments(this.directory, this.home, () => this.openHome())
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
    const bytes = await readWhole(path)
    const { records, torn } = scanSegment(bytes)
    const segment = Segment.adopted(path, bytes.length, torn)
    adopted.add(segment)
    segment.live = records.size
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
      if (segment === this.current) this.sealCurrent()
      if (this.home?.isOurs === false) this.leaveHome()
    }
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

const isGone = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'

function bySegment(entries: readonly Entry[]): Map<Segment, Entry[]> {
  const groups = new Map<Segment, Entry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.segment)
    if (group === undefined) groups.set(entry.segment, [entry])
    else group.push(entry)
  }
  return groups
}

function batchesOf(records: readonly QueueRecord[]): QueueRecord[][] {
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

const readWhole = (path: string) =>
  new Promise<Buffer>((resolve, reject) => readFile(path, (error, bytes) => (error ? reject(error) : resolve(bytes))))

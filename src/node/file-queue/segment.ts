import { fs } from './builtins.js'
import { LINE_BREAK, readJson, scanSegment, type RecordSpan } from './lines.js'

/** Above either, the next record begins a new file. */
const FULL_BYTES = 1_048_576
const FULL_LINES = 1_000
/** Two records this close are cheaper to read in one go; a run is kept short for the sake of memory. */
const READ_GAP_BYTES = 16_384
const READ_RUN_BYTES = 1_048_576

/** The file is there, but does not hold what it held. */
export class TruncatedSegmentError extends Error {
  override readonly name = 'TruncatedSegmentError'
}

/**
 * One append-only file. Opening, closing, removing are synchronous, for they cost microseconds; what grows with the data is not. At most one
 * asynchronous append at a time, which is the caller's part; a synchronous one may come between.
 */
export class Segment {
  /** Records in it that are still to be sent. */
  live = 0
  readonly path: string
  private size: number
  private lines = 0
  /** Held open while this is the file that new records go to. */
  private fd: number | undefined
  private torn: boolean
  private isWriting = false
  private readers = 0
  /** Lines that could not be written when it was their turn; they go before the next ones. */
  private owed = ''

  private constructor(path: string, size: number, torn: boolean) {
    this.path = path
    this.size = size
    this.torn = torn
  }

  static create(path: string): Segment {
    const segment = new Segment(path, 0, false)
    segment.fd = fs().openSync(path, 'ax', 0o600)
    return segment
  }

  /** A file of a writer that is gone, with what is still to be sent in it. */
  static async adopt(path: string): Promise<{ segment: Segment; records: ReadonlyMap<string, RecordSpan> }> {
    const bytes = await readWhole(path)
    const { records, torn } = scanSegment(bytes)
    const segment = new Segment(path, bytes.length, torn)
    segment.live = records.size
    return { segment, records }
  }

  get isFull(): boolean {
    return this.size >= FULL_BYTES || this.lines >= FULL_LINES
  }

  /** Whether an asynchronous write is under way, so that offsets behind it are not known. */
  get isBusy(): boolean {
    return this.isWriting
  }

  /** Resolves with the offset of the text once the operating system has it: from then on it survives the process. */
  async append(text: string, lines: number): Promise<number> {
    const fd = this.openForWriting()
    const { bytes, start, debts } = this.prepare(text)
    this.isWriting = true
    try {
      await writeAll(fd, bytes)
      this.grow(bytes.length, lines)
    } catch (error) {
      this.repair(fd, debts)
      throw error
    } finally {
      this.isWriting = false
      this.closeUnlessHeld(fd)
    }
    this.assertInPlace()
    return start
  }

  appendSync(text: string, lines: number): number {
    const fd = this.openForWriting()
    const { bytes, start, debts } = this.prepare(text)
    try {
      for (let done = 0; done < bytes.length;) done += fs().writeSync(fd, bytes, done)
      this.grow(bytes.length, lines)
    } catch (error) {
      this.repair(fd, debts)
      throw error
    } finally {
      this.closeUnlessHeld(fd)
    }
    this.assertInPlace()
    return start
  }

  owe(lines: string): void {
    this.owed += lines
  }

  async payDebts(): Promise<void> {
    if (this.owed !== '') await this.append('', 0)
  }

  /** The JSON of these spans, in their order. */
  async read(spans: readonly RecordSpan[]): Promise<string[]> {
    const json = new Map<RecordSpan, string>()
    const fd = fs().openSync(this.path, 'r')
    this.readers++
    try {
      for (const run of runsOf(spans)) await readRun(fd, run, (span, text) => json.set(span, text))
    } finally {
      this.readers--
      fs().closeSync(fd)
    }
    return spans.map((span) => json.get(span) as string)
  }

  /**
   * Empties the file where nothing in it is to be sent any more, and says whether it was. The one that new records go to goes on from zero,
   * unless it is being read.
   */
  clear(): boolean {
    if (this.live > 0 || this.isWriting) return false
    this.owed = ''
    if (this.fd === undefined || this.readers > 0) this.remove()
    else this.startOver(this.fd)
    return true
  }

  /** No more records go here. */
  seal(): void {
    const fd = this.fd
    this.fd = undefined
    if (fd !== undefined && !this.isWriting) fs().closeSync(fd)
  }

  get isSealed(): boolean {
    return this.fd === undefined
  }

  private startOver(fd: number): void {
    if (this.size > 0) fs().ftruncateSync(fd, 0)
    this.size = 0
    this.lines = 0
    this.torn = false
  }

  private remove(): void {
    this.seal()
    try {
      fs().unlinkSync(this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  private prepare(text: string): { bytes: Buffer; start: number; debts: string } {
    const debts = this.owed
    const before = (this.torn ? LINE_BREAK : '') + debts
    this.owed = ''
    return { bytes: Buffer.from(before + text), start: this.size + Buffer.byteLength(before), debts }
  }

  private openForWriting(): number {
    return this.fd ?? fs().openSync(this.path, appendOnly())
  }

  private closeUnlessHeld(fd: number): void {
    if (fd !== this.fd) fs().closeSync(fd)
  }

  private grow(bytes: number, lines: number): void {
    this.size += bytes
    this.lines += lines
    this.torn = false
  }

  /** An open file outlives its name: a write into one that was removed or moved succeeds and saves nothing, and only its path can tell. */
  private assertInPlace(): void {
    fs().statSync(this.path)
  }

  /** A full disk may have taken half a line. Cutting it off needs no space; where even that fails, the next line starts on a line of its own. */
  private repair(fd: number, debts: string): void {
    this.owed = debts + this.owed
    try {
      fs().ftruncateSync(fd, this.size)
    } catch {
      this.torn = true
      this.size = sizeOf(fd) ?? this.size
    }
  }
}

/** Not 'a', which would make a new file where ours was removed. */
function appendOnly(): number {
  const { O_APPEND, O_WRONLY } = fs().constants
  return O_WRONLY | O_APPEND
}

function sizeOf(fd: number): number | undefined {
  try {
    return fs().fstatSync(fd).size
  } catch {
    return undefined
  }
}

function runsOf(spans: readonly RecordSpan[]): RecordSpan[][] {
  const runs: RecordSpan[][] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const run = runs.at(-1)
    const [first, last] = [run?.[0], run?.at(-1)]
    const joins =
      first !== undefined &&
      last !== undefined &&
      span.start - endOf(last) <= READ_GAP_BYTES &&
      endOf(span) - first.start <= READ_RUN_BYTES
    if (joins) run?.push(span)
    else runs.push([span])
  }
  return runs
}

const endOf = (span: RecordSpan) => span.start + span.length

async function readRun(fd: number, run: readonly RecordSpan[], found: (span: RecordSpan, json: string) => void) {
  const [first, last] = [run[0], run.at(-1)]
  if (first === undefined || last === undefined) return
  const bytes = await readExactly(fd, first.start, endOf(last) - first.start)
  for (const span of run) {
    const from = span.start - first.start
    found(span, readJson(bytes.toString('utf8', from, from + span.length)))
  }
}

async function readExactly(fd: number, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  for (let done = 0; done < length;) {
    const count = await readOnce(fd, bytes, done, position + done)
    if (count === 0) throw new TruncatedSegmentError('fileQueue: a file of the queue is shorter than it was.')
    done += count
  }
  return bytes
}

const readOnce = (fd: number, into: Buffer, offset: number, position: number) =>
  new Promise<number>((resolve, reject) =>
    fs().read(fd, into, offset, into.length - offset, position, (error, count) =>
      error ? reject(error) : resolve(count),
    ),
  )

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await writeOnce(fd, bytes, done)
}

const writeOnce = (fd: number, bytes: Buffer, offset: number) =>
  new Promise<number>((resolve, reject) =>
    fs().write(fd, bytes, offset, bytes.length - offset, null, (error, count) =>
      error ? reject(error) : resolve(count),
    ),
  )

const readWhole = (path: string) =>
  new Promise<Buffer>((resolve, reject) =>
    fs().readFile(path, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  )

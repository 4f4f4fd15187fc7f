import type { QueueRecord } from '../../core/types.js'

/**
 * The format of a segment: one JSON array a line. `["key",<json>]` is a record, `["key"]` says that the record of that key, further up in the
 * same file, was acknowledged; the later line wins. JSON goes in as it is, so that neither writing nor reading serialises it again. A text
 * that could not stand in a line, or would not come back the same (a line break, half a surrogate pair, a bare JSON string), goes in as a
 * string, which `readJson` can tell by its first character.
 */
export interface RecordSpan {
  readonly key: string
  /** Offset and length, in bytes, of the JSON in the file (before: in the batch). */
  readonly start: number
  readonly length: number
}

/** Lines of one write, and where in it each record's JSON lies. */
export interface RecordLines {
  readonly text: string
  readonly spans: readonly RecordSpan[]
}

const LINE_FEED = 0x0a

/** What separates a new line from one that was cut off: at worst an empty line, which readers skip. */
export const LINE_BREAK = '\n'

export function recordLines(records: readonly QueueRecord[]): RecordLines {
  const spans: RecordSpan[] = []
  let text = ''
  let offset = 0
  for (const { key, json } of records) {
    const head = recordHead(key)
    const body = fitsInLine(json) ? json : JSON.stringify(json)
    const start = offset + Buffer.byteLength(head)
    const length = Buffer.byteLength(body)
    spans.push({ key, start, length })
    text += `${head}${body}]\n`
    offset = start + length + 2
  }
  return { text, spans }
}

export function acknowledgementLines(keys: readonly string[]): string {
  return keys.map((key) => `[${JSON.stringify(key)}]\n`).join('')
}

export function readJson(stored: string): string {
  return stored.startsWith('"') ? (JSON.parse(stored) as string) : stored
}

/** What is still to be sent in a file that nobody writes any more, and whether its last line was cut off. */
export function scanSegment(bytes: Buffer): { records: ReadonlyMap<string, RecordSpan>; torn: boolean } {
  const records = new Map<string, RecordSpan>()
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, from)
    const end = found === -1 ? bytes.length : found
    applyLine(records, bytes.toString('utf8', from, end), from)
    from = end + 1
  }
  return { records, torn: bytes.length > 0 && bytes.at(-1) !== LINE_FEED }
}

function applyLine(records: Map<string, RecordSpan>, line: string, offset: number): void {
  const parsed = parseLine(line)
  if (parsed === undefined) return
  const { key, acknowledged } = parsed
  if (acknowledged) return void records.delete(key)
  const head = recordHead(key)
  if (!line.startsWith(head)) return
  const start = Buffer.byteLength(head)
  records.set(key, { key, start: offset + start, length: Buffer.byteLength(line) - start - 1 })
}

/** Undefined for what a crash or a full disk left of a line: its record was never promised. */
function parseLine(line: string): { key: string; acknowledged: boolean } | undefined {
  try {
    const parsed: unknown = JSON.parse(line)
    if (!Array.isArray(parsed) || typeof parsed[0] !== 'string' || parsed.length > 2) return undefined
    return { key: parsed[0], acknowledged: parsed.length === 1 }
  } catch {
    return undefined
  }
}

const recordHead = (key: string) => `[${JSON.stringify(key)},`

/** `isWellFormed` is in every Node that we support; the `lib` that declares it is newer than our floor. */
const fitsInLine = (json: string) =>
  json !== '' &&
  !json.startsWith('"') &&
  !json.includes('\n') &&
  (json as string & { isWellFormed(): boolean }).isWellFormed()

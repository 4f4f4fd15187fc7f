import { checkItem, type CheckedBody } from './ingest-endpoints'
import { ingestRecords } from './ingest-record'
import type { IngestKind, IngestRecord } from './types'
import { isObject } from './wire-fields'

const kinds: readonly unknown[] = ['event', 'partial', 'signal', 'identify', 'spans'] satisfies IngestKind[]

/** DELIVERY §Requests: more in one envelope is a client's mistake. */
const maxRecords = 100

/** Every record is judged alone: one bad record costs only itself. Tokens are the relay's to verify, not looked at here. */
export function checkRelayBody(envelope: unknown): CheckedBody {
  if (!isObject(envelope)) return malformed('', 'must be a JSON object')
  if (envelope.v !== 1) return malformed('v', 'must be 1')
  if (!Array.isArray(envelope.records)) return malformed('records', 'must be an array')

  const result = { accepted: [] as string[], rejected: [] as Array<{ id: string; reason: string }> }
  const records: IngestRecord[] = []
  const flags: string[] = envelope.records.length > maxRecords ? [`records: more than ${maxRecords}`] : []
  for (const [index, record] of envelope.records.entries()) {
    const base = `records[${index}]`
    const id: unknown = isObject(record) ? record.id : undefined
    if (typeof id !== 'string' || id === '') {
      // Nothing to answer it by: it stays in neither list, as an untaken record should.
      flags.push(`${base}.id: is missing, the record was not taken`)
      continue
    }
    const checked = checkRecord(record, base)
    if (!checked.ok) {
      result.rejected.push({ id, reason: checked.reason })
      continue
    }
    result.accepted.push(id)
    // The record's own id is stable over retries: a signal without one of its own is still stored once.
    records.push(...ingestRecords(checked.kind, checked.body, () => id))
    flags.push(...checked.flags)
  }
  return { ok: true, body: result, records, flags }
}

function checkRecord(record: { kind?: unknown; body?: unknown; token?: unknown }, base: string) {
  const { kind, body, token } = record
  if (!isKind(kind)) return { ok: false as const, reason: `${base}.kind: must be one of ${kinds.join(', ')}` }
  if (token !== undefined && typeof token !== 'string') {
    return { ok: false as const, reason: `${base}.token: must be a string` }
  }
  const check = checkItem(kind, body, { base: `${base}.body`, isSmall: false })
  return check.ok ? { ...check, kind } : { ok: false as const, reason: check.message }
}

function isKind(kind: unknown): kind is IngestKind {
  return kinds.includes(kind)
}

function malformed(path: string, problem: string): CheckedBody {
  return { ok: false, status: 400, path, message: `${path || 'body'}: ${problem}` }
}

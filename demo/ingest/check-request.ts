import type { IncomingHttpHeaders } from 'node:http'
import type { IngestRecord } from './event-store'

export interface CheckedRequest {
  status: number
  body: unknown
  records: readonly IngestRecord[]
}

// PROVISIONAL until raindrop-js/testing exports its check.
export function checkRequest({ path, body }: { path: string; headers: IncomingHttpHeaders; body: string }): CheckedRequest {
  const parsed = JSON.parse(body)
  const list = Array.isArray(parsed) ? parsed : [parsed]
  const kind = path.endsWith('track_partial') ? 'partial' : path.includes('events') ? 'event' : path.includes('signals') ? 'signal' : path.includes('users') ? 'identify' : 'spans'
  return { status: 200, body: { success: true }, records: list.map((b: any) => ({ kind, id: b.event_id ?? b.user_id, body: b })) }
}

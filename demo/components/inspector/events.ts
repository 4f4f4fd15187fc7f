/** What the ingest answers, as JSON brings it: times are ISO 8601. See ingest/event-store.ts. */
export interface EventSummary {
  eventId: string
  /** Place in the order of arrival; larger is newer. */
  cursor: string
  receivedAt: string
  updatedAt: string
  pending: boolean
  event: string | null
  userId: string | null
  convoId: string | null
  model: string | null
  input: string | null
  output: string | null
  attachments: number
  signals: number
}

export interface EventPage {
  events: EventSummary[]
  nextCursor: string | null
}

export interface EventDetail extends EventSummary {
  body: WireEvent
  signalList: { signalId: string; receivedAt: string; body: WireSignal }[]
}

export interface WireEvent {
  ai_data?: { input?: string; output?: string }
  properties?: Record<string, unknown>
  attachments?: WireAttachment[]
}

export interface WireAttachment {
  type: string
  role: string
  value: string
  name?: string
  language?: string
  attachment_id?: string
}

export interface WireSignal {
  signal_name: string
  signal_type?: string
  sentiment?: string | null
  attachment_id?: string | null
  properties?: Record<string, unknown> | null
}

/** What came over the stream, into the list: newest first, each event once. */
export function mergeSummaries(known: readonly EventSummary[], incoming: readonly EventSummary[]): EventSummary[] {
  const byId = new Map([...known, ...incoming].map((event) => [event.eventId, event]))
  return [...byId.values()].sort((a, b) => Number(b.cursor) - Number(a.cursor))
}

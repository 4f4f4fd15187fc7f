/** What the ingest answers, as JSON brings it: times are ISO 8601. See ingest/read-events.ts and its neighbours. */
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
  error: string | null
  attachments: number
  signals: number
  positive: number
  negative: number
  spans: number
}

export interface EventPage {
  events: EventSummary[]
  nextCursor: string | null
}

export interface EventDetail extends EventSummary {
  body: WireEvent
  signalList: StoredSignal[]
  traits: Record<string, unknown> | null
  trace: TraceSpan[]
}

export interface StoredSignal {
  signalId: string
  receivedAt: string
  superseded: boolean
  body: WireSignal
}

export interface TraceSpan {
  spanId: string
  parentId: string | null
  name: string
  kind: string | null
  startMs: number
  endMs: number
  error: string | null
  input: string | null
  output: string | null
  attributes: Record<string, unknown>
}

export interface Facets {
  events: string[]
  models: string[]
  signals: string[]
}

export interface Conversation {
  convoId: string
  cursor: string
  userId: string | null
  events: number
  startedAt: string
  lastAt: string
  firstInput: string | null
  lastInput: string | null
  pending: boolean
  positive: number
  negative: number
}

export interface ConversationPage {
  conversations: Conversation[]
  nextCursor: string | null
}

export interface WireEvent {
  timestamp?: string
  ai_data?: { input?: string; output?: string }
  properties?: Record<string, unknown>
  feature_flags?: Record<string, unknown>
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

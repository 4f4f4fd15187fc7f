/** What a body on the wire is: one kind per endpoint, and the `kind` of a relay record. */
export type IngestKind = 'event' | 'partial' | 'signal' | 'identify' | 'spans'

/** A wire body (snake_case) after its check. `any` inside: user data may hold whatever JSON can. */
export type WireFields = Record<string, any>

/** One thing that the ingest took. Events and partials are to be merged by `id`, everything else is stored once per `id`. */
export interface IngestRecord {
  readonly kind: IngestKind
  /** Event id; signal id (`properties.$signal_id`); user id; `traceId/spanId` in hex. Generated where the sender gave none. */
  readonly id: string
  /** Wire body of this one record. `spans`: an OTLP document that holds exactly one span, with hex ids. */
  readonly body: WireFields
}

/** A request as it arrived. */
export interface SentRequest {
  /** Path without query, e.g. `/v1/events/track`. */
  path: string
  /** Names in lower case. */
  headers: Record<string, string>
  /** Parsed JSON, unpacked if it was gzipped; the text where it is not JSON. */
  body: any
  /** Query with its `?`, or an empty string. */
  search?: string
  /** What it was answered with; absent where no answer was given. */
  status?: number
}

/** A passage as the page shows it under the answer. */
export interface Source {
  /** File and anchor; also the id of the event's attachment. */
  id: string
  file: string
  title: string
  text: string
}

export type AnswerStatus = 'open' | 'done' | 'stopped' | 'failed'

/** What the visitor said about an answer, as far as this server was told. */
export interface StoredFeedback {
  vote: 'up' | 'down' | null
  comment?: string
  /** The answer as the visitor would have it. */
  after?: string
}

export interface Answer {
  /** Of the event that tracks it. */
  eventId: string
  status: AnswerStatus
  text: string
  sources: readonly Source[]
  model: string
  error?: string
  /** By `''` for the answer itself, and by attachment id for a source. */
  feedback: Readonly<Record<string, StoredFeedback>>
}

/** A question with all its answers, the latest last. */
export interface Turn {
  turnId: string
  question: string
  answers: readonly Answer[]
}

export interface ConversationSummary {
  convoId: string
  title: string
}

export interface Conversation extends ConversationSummary {
  turns: readonly Turn[]
}

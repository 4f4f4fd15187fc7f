import type { AnswerStatus, Source } from '../conversations/conversation'

/** What an answer is streamed as. */
export type AnswerPart =
  | { kind: 'step'; tool: ToolName; about: string }
  /** All sources so far. */
  | { kind: 'sources'; sources: readonly Source[] }
  | { kind: 'text'; text: string }

/** The last one: how it ended, once that is stored. */
export interface AnswerEnd {
  kind: 'end'
  status: AnswerStatus
  error?: string
}

export type ToolName = 'search_docs' | 'read_section'

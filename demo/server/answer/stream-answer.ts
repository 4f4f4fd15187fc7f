import { listTopics, type Passage } from '../docs/search-docs'
import type { AnswerMode } from './answer-mode'
import { quoteAnswer } from './quote'
import { streamModel } from './stream-model'
import { streamQuote } from './stream-quote'

export async function* streamAnswer(
  mode: AnswerMode,
  question: string,
  passages: readonly Passage[],
): AsyncGenerator<string> {
  if (mode.kind === 'model') yield* streamModel(mode.model, question, passages)
  else yield* streamQuote(quoteAnswer(passages, passages.length === 0 ? await listTopics() : []))
}

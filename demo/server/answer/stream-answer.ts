import { listTopics, type Passage } from '../docs/search-docs'
import type { AnswerMode } from './answer-mode'
import { quoteAnswer } from './quote'
import { streamQuote } from './stream-quote'

export async function* streamAnswer(
  mode: AnswerMode,
  question: string,
  passages: readonly Passage[],
): AsyncGenerator<string> {
  if (mode.kind === 'model') {
    // Not at the top: without a model the AI SDK need not even load.
    const { streamModel } = await import('./stream-model')
    yield* streamModel(mode.model, question, passages)
    return
  }
  yield* streamQuote(quoteAnswer(passages, passages.length === 0 ? await listTopics() : []))
}

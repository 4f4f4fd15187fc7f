import type { Interaction } from 'raindrop-js'
import type { AnswerMode } from './answer-mode'
import type { AnswerPart } from './answer-part'
import { createDocsTools, summaryOf, trackedSearch } from './docs-tools'
import { streamQuotes } from './stream-quotes'

export interface AnswerRequest {
  interaction: Interaction
  mode: AnswerMode
  question: string
  /** Earlier questions of the conversation with their answers. */
  history: ReadonlyArray<{ question: string; text: string }>
  /** Passages of earlier answers to the same question: this one looks for others. */
  used: readonly string[]
  signal: AbortSignal
}

export async function* streamAnswer(request: AnswerRequest): AsyncGenerator<AnswerPart> {
  const { interaction, mode, question, used } = request
  const tools = createDocsTools(interaction)
  yield { kind: 'step', tool: 'search_docs', about: question }
  const passages = await trackedSearch(interaction, tools, { query: question, without: used })
  interaction.setProperty('passages', passages.map(summaryOf))

  if (mode.kind === 'model') {
    // Not at the top: without a model the AI SDK need not even load.
    const { streamModel } = await import('./stream-model')
    yield* streamModel({ ...request, model: mode.model, tools })
    return
  }
  yield* streamQuotes({ ...request, passages, tools })
}

import { listTopics, type Passage } from '../docs/search-docs'
import { sectionTitle } from '../docs/section'
import type { AnswerPart } from './answer-part'
import { trackedRead, type DocsTools } from './docs-tools'
import { quoteAnswer } from './quote'
import type { AnswerRequest } from './stream-answer'
import { streamWords } from './stream-words'

interface QuotesRequest extends Pick<AnswerRequest, 'interaction' | 'signal'> {
  passages: readonly Passage[]
  tools: DocsTools
}

/** An answer without a model: reads the sections that were found, and quotes what fits. */
export async function* streamQuotes({
  interaction,
  passages,
  tools,
  signal,
}: QuotesRequest): AsyncGenerator<AnswerPart> {
  const sections: Passage[] = []
  for (const passage of passages) {
    yield { kind: 'step', tool: 'read_section', about: sectionTitle(passage) }
    const section = await trackedRead(interaction, tools, passage.id)
    if (section) sections.push({ ...passage, text: section.text })
  }
  yield { kind: 'sources', sources: tools.sources }
  const answer = quoteAnswer(sections, sections.length === 0 ? await listTopics() : [])
  for await (const text of streamWords(answer, signal)) yield { kind: 'text', text }
}

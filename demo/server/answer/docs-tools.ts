import type { Interaction } from 'raindrop-js'
import type { Source } from '../conversations/conversation'
import { readSection, searchDocs, type Passage } from '../docs/search-docs'
import { sectionTitle, type Section } from '../docs/section'

/** The two tools, and what they have brought so far: its order is the numbers of the citations. */
export interface DocsTools {
  readonly sources: readonly Source[]
  search(query: string, without?: readonly string[]): Promise<Passage[]>
  read(id: string): Promise<Section | undefined>
}

const mostSources = 12

/** Whatever is found becomes an attachment of the interaction, so that feedback can point at it. */
export function createDocsTools(interaction: Interaction): DocsTools {
  const sources: Source[] = []

  const add = (found: readonly Section[]) => {
    const fresh = found
      .filter(({ id }) => sources.every((source) => source.id !== id))
      .slice(0, mostSources - sources.length)
      .map(sourceOf)
    sources.push(...fresh)
    if (fresh.length > 0) interaction.addAttachments(fresh.map(attachmentOf))
  }

  return {
    sources,
    async search(query, without = []) {
      const others = await searchDocs(query, 3, without)
      const found = others.length > 0 ? others : await searchDocs(query)
      add(found)
      return found
    },
    async read(id) {
      const section = await readSection(id)
      if (section) add([section])
      return section
    },
  }
}

const sourceOf = ({ id, file, headings, text }: Section): Source => ({
  id,
  file,
  title: sectionTitle({ file, headings }),
  text,
})

const attachmentOf = ({ id, file, title, text }: Source) => ({
  type: 'text' as const,
  role: 'input' as const,
  name: `${file} › ${title}`,
  value: text,
  attachmentId: id,
})

/** A search as a span of the interaction, with what was asked and what came back. */
export const trackedSearch = (
  interaction: Interaction,
  tools: DocsTools,
  { query, without }: { query: string; without?: readonly string[] | undefined },
): Promise<Passage[]> =>
  interaction.withTool('search_docs', async (span) => {
    span.recordInput({ query, without })
    const found = await tools.search(query, without)
    span.recordOutput(found.map(summaryOf))
    return found
  })

export const trackedRead = (interaction: Interaction, tools: DocsTools, id: string): Promise<Section | undefined> =>
  interaction.withTool('read_section', async (span) => {
    span.recordInput({ id })
    const section = await tools.read(id)
    span.recordOutput(section?.text ?? 'There is no such section.')
    return section
  })

export const summaryOf = ({ id, score }: Passage) => ({ id, score: Math.round(score * 10) / 10 })

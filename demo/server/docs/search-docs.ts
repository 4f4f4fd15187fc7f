import MiniSearch from 'minisearch'
import { docsRoot, listDocs, readSections } from './read-docs'
import type { Section } from './section'
import { termsOf, tokenize } from './terms'

export interface Passage extends Section {
  score: number
  /** How much of the question it has, from 0 to 1. */
  coverage: number
  /** The indexed terms that were found in it, to choose what to quote. */
  terms: readonly string[]
}

interface Index {
  version: string
  search: MiniSearch<Section & { title: string }>
  sections: ReadonlyMap<string, Section>
}

/** What scores less than this share of the best result is noise beside it. */
const relevance = 0.4

let current: Index | undefined

/** The sections that fit a question best, at most `limit`, but those named; none if the documentation has nothing on it. */
export async function searchDocs(question: string, limit = 3, without: readonly string[] = []): Promise<Passage[]> {
  const { search, sections } = await upToDateIndex()
  const asked = new Set(tokenize(question).flatMap(termsOf))
  if (asked.size === 0) return []
  const ranked = search
    .search(question)
    .map(({ id, score, terms, queryTerms }) => {
      // A section that has every word of the question beats one that has a single word many times.
      const coverage = queryTerms.length / asked.size
      return { ...sections.get(id as string)!, score: score * coverage ** 2, coverage, terms }
    })
    .filter(({ id, coverage }) => coverage >= 1 / 3 && !without.includes(id))
    .sort((a, b) => b.score - a.score)
  const best = ranked[0]?.score ?? 0
  return ranked.slice(0, limit).filter(({ score }) => score > best * relevance)
}

/** A section by its id, with what stands under its deeper headings; undefined where there is none. */
export async function readSection(id: string): Promise<Section | undefined> {
  const { sections } = await upToDateIndex()
  const section = sections.get(id)
  if (!section) return undefined
  const { file, headings } = section
  const isBelow = (other: Section) =>
    other.file === file &&
    other.headings.length > headings.length &&
    headings.every((h, at) => other.headings[at] === h)
  // Of a page's title only the introduction: the rest would be the whole page.
  const below = headings.length > 1 ? [...sections.values()].filter(isBelow) : []
  const text = [section.text, ...below.map(({ headings: path, text }) => `### ${path.at(-1)}\n\n${text}`)].join('\n\n')
  return { ...section, text }
}

/** The pages of the documentation by their titles, to say what can be asked; folders hold details. */
export async function listTopics(): Promise<string[]> {
  const { sections } = await upToDateIndex()
  const pages = [...sections.values()].filter(({ file }) => file.split('/').length <= 2)
  return [...new Set(pages.map(({ headings, file }) => headings[0] ?? file))]
}

/** Built once and again whenever a page changed, so that an edit shows without a restart. */
async function upToDateIndex(): Promise<Index> {
  const root = docsRoot()
  const files = await listDocs(root)
  const version = files.map(({ file, version }) => `${file}@${version}`).join('\n')
  if (current?.version !== version) current = build(version, await readSections(root, files))
  return current
}

function build(version: string, sections: readonly Section[]): Index {
  const search = new MiniSearch<Section & { title: string }>({
    fields: ['title', 'headings', 'text'],
    extractField: (section, field) =>
      field === 'headings' ? section.headings.join(' ') : String(section[field as keyof Section]),
    tokenize,
    processTerm: termsOf,
    searchOptions: {
      boost: { title: 3, headings: 1.5 },
      prefix: (term) => term.length > 4,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
    },
  })
  search.addAll(sections.map((section) => ({ ...section, title: section.headings.at(-1) ?? section.file })))
  return { version, search, sections: new Map(sections.map((section) => [section.id, section])) }
}

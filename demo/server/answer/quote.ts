import { sectionTitle } from '../docs/section'
import type { Passage } from '../docs/search-docs'
import { resolveLink } from '../docs/resolve-link'
import { excerpt } from './excerpt'

/** An answer without a model: the passages that fit best, each under the place it comes from. */
export function quoteAnswer(passages: readonly Passage[], topics: readonly string[]): string {
  if (passages.length === 0) return noAnswer(topics)
  const quotes = passages.map((passage, index) => {
    const place = `**${sectionTitle(passage)}**, \`${passage.file}\` [${index + 1}]`
    return `${place}\n\n${asQuote(withDocsLinks(excerpt(passage), passage.file))}`
  })
  return `The documentation says:\n\n${quotes.join('\n\n')}`
}

/** Links of a page are relative to it; where the answer is read they have to lead to the same place. */
const withDocsLinks = (markdown: string, file: string) =>
  markdown.replaceAll(/\]\(([^)\s]+)\)/g, (link, href: string) => {
    const path = resolveLink(file, href)
    return path === null ? link : `](${path})`
  })

function noAnswer(topics: readonly string[]): string {
  if (topics.length === 0) return 'There is no documentation in this repository yet, so there is nothing to quote.'
  const list = topics.slice(0, 8).map((topic) => `- ${topic}`)
  return `The documentation has nothing on that. It covers:\n\n${list.join('\n')}`
}

const asQuote = (text: string) =>
  text
    .split('\n')
    .map((line) => (line ? `> ${line}` : '>'))
    .join('\n')

import { sectionTitle } from '../docs/section'
import type { Passage } from '../docs/search-docs'
import { termsOf, tokenize } from '../docs/terms'

const maxQuoteLength = 620

/** An answer without a model: the passages that fit best, each under the place it comes from. */
export function quoteAnswer(passages: readonly Passage[], topics: readonly string[]): string {
  if (passages.length === 0) return noAnswer(topics)
  const quotes = passages.map((passage, index) => {
    const place = `**${sectionTitle(passage)}** · \`${passage.file}\` [${index + 1}]`
    return `${place}\n\n${asQuote(excerpt(passage))}`
  })
  return `The documentation says:\n\n${quotes.join('\n\n')}`
}

function noAnswer(topics: readonly string[]): string {
  if (topics.length === 0) return 'There is no documentation in this repository yet, so there is nothing to quote.'
  const list = topics.slice(0, 8).map((topic) => `- ${topic}`)
  return `The documentation has nothing on that. It covers:\n\n${list.join('\n')}`
}

const asQuote = (text: string) => text.split('\n').map((line) => (line ? `> ${line}` : '>')).join('\n')

/** The part of a section that has most of the terms in it, whole blocks where they fit. */
export function excerpt({ text, terms }: Pick<Passage, 'text' | 'terms'>): string {
  const wanted = new Set(terms)
  const blocks = splitBlocks(text)
  const scores = blocks.map((block) => countTerms(block, wanted))
  const best = Math.max(0, scores.indexOf(Math.max(...scores)))
  const chosen = [shorten(blocks[best] ?? '', wanted)]
  // A sentence that leads to a list or an example is half an answer without it.
  for (let next = best + 1; next < blocks.length && isIntroduction(chosen.at(-1)!, blocks[next]!); next += 1) {
    const block = shorten(blocks[next]!, wanted)
    if (chosen.join('\n\n').length + block.length > maxQuoteLength) break
    chosen.push(block)
  }
  return chosen.join('\n\n')
}

const isIntroduction = (block: string, next: string) => block.endsWith(':') || next.startsWith('```')

function countTerms(text: string, wanted: ReadonlySet<string>): number {
  const found = new Set(tokenize(text).flatMap(termsOf))
  return [...wanted].filter((term) => found.has(term)).length
}

/** Paragraphs, lists, tables and code fences. */
function splitBlocks(text: string): string[] {
  const blocks: string[] = []
  let isInFence = false
  for (const part of text.split(/\n\s*\n/)) {
    if (isInFence) blocks.push(`${blocks.pop()}\n\n${part}`)
    else blocks.push(part)
    if ((part.match(/^ {0,3}(?:```|~~~)/gm) ?? []).length % 2 === 1) isInFence = !isInFence
  }
  return blocks.map((block) => block.trim()).filter(Boolean)
}

function shorten(block: string, wanted: ReadonlySet<string>): string {
  if (block.length <= maxQuoteLength) return block
  if (block.startsWith('```')) return shortenCode(block)
  if (block.startsWith('|')) return shortenTable(block, wanted)
  if (/^(?:[-*]|\d+\.) /.test(block)) return bestOf(block.split(/\n(?=(?:[-*]|\d+\.) )/), wanted, '\n')
  return bestOf(block.split(/(?<=[.!?:]) +|\n/), wanted, ' ')
}

function shortenCode(block: string): string {
  const lines = block.split('\n')
  const kept = lines.slice(0, -1)
  while (kept.length > 2 && kept.join('\n').length > maxQuoteLength) kept.pop()
  return [...kept, '// …', lines.at(-1)].join('\n')
}

function shortenTable(block: string, wanted: ReadonlySet<string>): string {
  const [head = '', rule = '', ...rows] = block.split('\n')
  return [head, rule, bestOf(rows, wanted, '\n', maxQuoteLength - head.length - rule.length)].join('\n')
}

/** The pieces with most terms in them that fit, in their own order; a gap shows as an ellipsis. */
function bestOf(pieces: readonly string[], wanted: ReadonlySet<string>, glue: string, room = maxQuoteLength): string {
  const ranked = pieces
    .map((piece, at) => ({ at, piece, score: countTerms(piece, wanted) }))
    .sort((a, b) => b.score - a.score || a.at - b.at)
  const chosen = new Map<number, string>()
  let length = 0
  for (const { at, piece, score } of ranked) {
    if (chosen.size > 0 && (score === 0 || length + piece.length > room)) continue
    chosen.set(at, piece)
    length += piece.length
  }
  const inOrder = [...chosen].sort(([a], [b]) => a - b)
  if (glue === '\n') return inOrder.map(([, piece]) => piece).join(glue)
  return inOrder.map(([at, piece], index) => (at === (inOrder[index - 1]?.[0] ?? -1) + 1 ? piece : `… ${piece}`)).join(glue)
}

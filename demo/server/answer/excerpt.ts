import type { Passage } from '../docs/search-docs'
import { splitBlocks, type Block } from '../docs/split-blocks'
import { termsOf, tokenize } from '../docs/terms'

const maxLength = 460

/** The part of a section that has most of the terms in it: whole blocks, or the best run of sentences, items or rows of one. */
export function excerpt({ text, terms }: Pick<Passage, 'text' | 'terms'>): string {
  const wanted = new Set(terms)
  const blocks = splitBlocks(text)
  const best = indexOfMost(blocks.map((block) => countTerms(block.text, wanted)))
  const chosen = blocks.slice(best, best + 1).map((block) => shorten(block, wanted))
  // A sentence that leads to an example or a list is half an answer without it.
  const next = blocks[best + 1]
  if (next && (next.kind === 'code' || blocks[best]?.text.endsWith(':'))) chosen.push(shorten(next, wanted))
  return chosen.join('\n\n')
}

function shorten({ kind, text }: Block, wanted: ReadonlySet<string>): string {
  if (text.length <= maxLength) return text
  switch (kind) {
    case 'code':
      return shortenCode(text)
    case 'table':
      return shortenTable(text, wanted)
    case 'list': {
      const run = bestRun(text.split(/\n(?=\S)/), wanted, '\n')
      return run.isCut ? `${run.text} …` : run.text
    }
    case 'text': {
      const sentences = text.replaceAll('\n', ' ').split(/(?<=[.!?]) +(?=[\p{Lu}`"(])/u)
      const run = bestRun(sentences, wanted, ' ')
      return `${run.isFirst ? '' : '… '}${run.text}${run.isLast ? '' : ' …'}`
    }
  }
}

function shortenCode(text: string): string {
  const lines = text.split('\n')
  const kept = lines.slice(0, -1)
  while (kept.length > 2 && kept.join('\n').length > maxLength) kept.pop()
  return [...kept, '…', lines.at(-1)].join('\n')
}

/** Rows stand for themselves, so the best ones need not be neighbours. */
function shortenTable(text: string, wanted: ReadonlySet<string>): string {
  const [head = '', rule = '', ...rows] = text.split('\n')
  const ranked = rows.map((row, at) => ({ row, at, score: countTerms(row, wanted) })).sort((a, b) => b.score - a.score)
  const chosen = ranked.slice(0, 3).filter(({ score }, index) => index === 0 || score > 0)
  return [head, rule, ...chosen.sort((a, b) => a.at - b.at).map(({ row }) => row)].join('\n')
}

interface Run {
  text: string
  isFirst: boolean
  isLast: boolean
  /** A single piece that did not fit: it ends where it should not. */
  isCut: boolean
}

/** Neighbours that fit, with as many different terms as possible; at least one piece, cut if it is too long by itself. */
function bestRun(pieces: readonly string[], wanted: ReadonlySet<string>, glue: string): Run {
  const runs = pieces.map((first, from) => {
    let text = first
    let next = from + 1
    for (; next < pieces.length; next += 1) {
      const longer = `${text}${glue}${pieces[next]}`
      if (longer.length > maxLength) break
      text = longer
    }
    const isCut = text.length > maxLength
    return { text, isFirst: from === 0, isLast: next === pieces.length && !isCut, isCut }
  })
  const best = runs[indexOfMost(runs.map(({ text }) => countTerms(text, wanted)))]
  return best ? { ...best, text: cut(best.text) } : { text: '', isFirst: true, isLast: true, isCut: false }
}

function cut(text: string): string {
  if (text.length <= maxLength) return text
  // A mark without its partner would swallow what follows, or stand there as itself.
  return ['`', '**'].reduce(withoutOpenMark, text.slice(0, text.lastIndexOf(' ', maxLength))).trimEnd()
}

const withoutOpenMark = (text: string, mark: string) =>
  text.split(mark).length % 2 === 0 ? text.slice(0, text.lastIndexOf(mark)) : text

/** The first of the largest. */
const indexOfMost = (scores: readonly number[]) => Math.max(0, scores.indexOf(Math.max(...scores)))

function countTerms(text: string, wanted: ReadonlySet<string>): number {
  const found = new Set(tokenize(text).flatMap(termsOf))
  return [...wanted].filter((term) => found.has(term)).length
}

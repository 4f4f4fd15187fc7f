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
    case 'list':
      return bestRun(text.split(/\n(?=\S)/), wanted, '\n').text
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
    return { text, isFirst: from === 0, isLast: next === pieces.length && text.length <= maxLength }
  })
  const best = runs[indexOfMost(runs.map(({ text }) => countTerms(text, wanted)))]
  return best ? { ...best, text: cut(best.text) } : { text: '', isFirst: true, isLast: true }
}

function cut(text: string): string {
  if (text.length <= maxLength) return text
  const short = text.slice(0, text.lastIndexOf(' ', maxLength))
  // A backtick without its partner would swallow what follows.
  const whole = short.split('`').length % 2 === 0 ? short.slice(0, short.lastIndexOf('`')) : short
  return whole.trimEnd()
}

/** The first of the largest. */
const indexOfMost = (scores: readonly number[]) => Math.max(0, scores.indexOf(Math.max(...scores)))

function countTerms(text: string, wanted: ReadonlySet<string>): number {
  const found = new Set(tokenize(text).flatMap(termsOf))
  return [...wanted].filter((term) => found.has(term)).length
}

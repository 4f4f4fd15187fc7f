import { expect, it } from 'vitest'
import { termsOf } from '../docs/terms'
import { excerpt } from './excerpt'

const filler = (word: string) =>
  `This sentence speaks of ${word} and of nothing else that anyone asked about here. `.repeat(8)

it('quotes a short section as it is', () => {
  expect(excerpt({ text: 'Events are queued.', terms: ['event'].flatMap(termsOf) })).toBe('Events are queued.')
})

it('quotes the paragraph that has the terms', () => {
  expect(excerpt({ text: 'About signals.\n\nAbout delivery.\n\nThe end.', terms: ['delivery'].flatMap(termsOf) })).toBe(
    'About delivery.',
  )
})

it('quotes the example with the sentence that leads to it', () => {
  const example = '```ts\nraindrop.flush()\n\nraindrop.shutdown()\n```'
  expect(excerpt({ text: `Flush like this:\n\n${example}\n\nMore.`, terms: ['flush'].flatMap(termsOf) })).toBe(
    `Flush like this:\n\n${example}`,
  )
})

it('quotes neighbouring sentences of a long paragraph, and shows where it left something out', () => {
  const quote = excerpt({
    text: `${filler('apples')}The queue is durable. ${filler('pears')}`,
    terms: ['queue', 'durable'].flatMap(termsOf),
  })
  expect(quote).toContain('The queue is durable.')
  expect(quote.startsWith('… ')).toBe(true)
  expect(quote.endsWith(' …')).toBe(true)
})

it('keeps the head of a table over the rows that have the terms', () => {
  const rows = Array.from({ length: 30 }, (_, index) => `| ${index} | status number ${index} of the long table |`)
  const table = ['| code | meaning |', '|---|---|', ...rows, '| 413 | too large |'].join('\n')
  const quote = excerpt({ text: `Answers:\n${table}`, terms: ['413', 'large'].flatMap(termsOf) })
  expect(quote).toBe('| code | meaning |\n|---|---|\n| 413 | too large |')
})

it('never leaves a code span open where it cuts', () => {
  const quote = excerpt({ text: `\`${'queue '.repeat(200)}\``, terms: ['queue'].flatMap(termsOf) })
  expect(quote.split('`').length % 2).toBe(1)
})

it('shows that a list item was cut, and leaves no emphasis open', () => {
  const quote = excerpt({
    text: `- One queue.\n- **The ${'queue '.repeat(200)}**`,
    terms: ['queue', 'the'].flatMap(termsOf),
  })
  expect(quote).toBe('- One queue.')
  const long = excerpt({ text: `- Wait. ${'queue '.repeat(60)}**${'queue '.repeat(60)}**`, terms: termsOf('queue') })
  expect(long.endsWith('queue …')).toBe(true)
  expect(long).not.toContain('**')
})

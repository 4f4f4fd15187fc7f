import { expect, it } from 'vitest'
import { splitSections } from './split-sections'

const page = `Before any heading.

# Guide

Intro.

## Use \`it\`

\`\`\`sh
# not a heading
\`\`\`

### Deeper

Deep text.

## Use it

Again.

## Empty

## Last
The end.
`

it('splits a page at its headings and names each section by its way there', () => {
  expect(splitSections('docs/guide.md', page)).toEqual([
    { id: 'docs/guide.md#', file: 'docs/guide.md', headings: [], text: 'Before any heading.' },
    { id: 'docs/guide.md#guide', file: 'docs/guide.md', headings: ['Guide'], text: 'Intro.' },
    {
      id: 'docs/guide.md#use-it',
      file: 'docs/guide.md',
      headings: ['Guide', 'Use it'],
      text: '```sh\n# not a heading\n```',
    },
    { id: 'docs/guide.md#deeper', file: 'docs/guide.md', headings: ['Guide', 'Use it', 'Deeper'], text: 'Deep text.' },
    { id: 'docs/guide.md#use-it-1', file: 'docs/guide.md', headings: ['Guide', 'Use it'], text: 'Again.' },
    { id: 'docs/guide.md#last', file: 'docs/guide.md', headings: ['Guide', 'Last'], text: 'The end.' },
  ])
})

it('finds nothing in an empty page', () => {
  expect(splitSections('README.md', '')).toEqual([])
})

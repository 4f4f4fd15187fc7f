import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { listTopics, readSection, searchDocs } from './search-docs'

let root: string
const before = process.env.DEMO_DOCS_ROOT

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'raindrop-docs-'))
  process.env.DEMO_DOCS_ROOT = root
})
beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(join(root, 'docs', 'guides'), { recursive: true })
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
  if (before === undefined) delete process.env.DEMO_DOCS_ROOT
  else process.env.DEMO_DOCS_ROOT = before
})

const write = (file: string, text: string) => writeFileSync(join(root, file), text)

it('finds nothing, and does not fail, where there is no documentation', async () => {
  rmSync(root, { recursive: true, force: true })
  expect(await searchDocs('How do I track?')).toEqual([])
  expect(await listTopics()).toEqual([])
})

it('finds the section about a question, in the README and below docs/', async () => {
  write('README.md', '# Raindrop\n\n## Streams\n\nPass it through trackStream.')
  write('docs/guides/delivery.md', '# Delivery\n\n## Outage\n\nEvents stay queued while the server is down.')
  expect((await searchDocs('What happens to an event when servers go down?'))[0]).toMatchObject({
    file: 'docs/guides/delivery.md',
    headings: ['Delivery', 'Outage'],
  })
  expect((await searchDocs('tracking a stream'))[0]).toMatchObject({ id: 'README.md#streams' })
})

it('finds nothing for a question about something else', async () => {
  write('README.md', '# Raindrop\n\nEvents stay queued while the server is down.')
  expect(await searchDocs('Who won the football championship yesterday?')).toEqual([])
  expect(await searchDocs('hi, how are you?')).toEqual([])
})

it('sees a page that changed', async () => {
  write('README.md', '# Raindrop\n\nNothing yet.')
  expect(await searchDocs('attachments')).toEqual([])
  write('README.md', '# Raindrop\n\nAttachments are listed under their event.')
  expect(await searchDocs('attachments')).toHaveLength(1)
})

it('reads a section whole, and finds other ones than those that were read', async () => {
  write(
    'README.md',
    '# Raindrop\n\n## Streams\n\nPass it through.\n\n### Errors in streams\n\nThey are kept.\n\n## Last\n\nEnd.',
  )
  expect(await readSection('README.md#streams')).toMatchObject({
    text: 'Pass it through.\n\n### Errors in streams\n\nThey are kept.',
  })
  expect(await readSection('README.md#nowhere')).toBeUndefined()
  const others = await searchDocs('streams', 3, ['README.md#streams'])
  expect(others.map(({ id }) => id)).toEqual(['README.md#errors-in-streams'])
})

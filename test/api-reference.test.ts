import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { publicEntries, readApi } from '../scripts/docs-api.mjs'

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

describe('the reference of the API', () => {
  it(
    'documents every export of every entry, with types and links that lead somewhere',
    { timeout: 240_000 },
    async () => {
      const { project, problems } = await readApi()
      expect(problems).toEqual([])
      expect(project?.children?.map(({ name }) => name)).toEqual([...publicEntries().keys()])
    },
  )

  it('has each entry of package.json that is code, but for the one that is for the package itself', () => {
    const { exports } = JSON.parse(readFileSync(pathOf('../package.json'), 'utf8')) as { exports: object }
    const others = ['./internal', './package.json']
    const expected = Object.keys(exports).filter((path) => !others.includes(path) && !path.endsWith('.css'))
    expect([...publicEntries().keys()]).toEqual(expected.map((path) => path.replace('.', 'raindrop-js')))
  })

  it(
    'reports a missing comment, a type that cannot be imported, and a link that leads nowhere',
    { timeout: 120_000 },
    async () => {
      const { problems } = await readApi(new Map([['entry', pathOf('./fixtures/undocumented-entry.ts')]]))
      expect(problems.filter((problem: string) => !problem.includes('intentionally'))).toEqual([
        expect.stringMatching(/^Hidden, .*hidden/),
        expect.stringMatching(/withoutComment .* does not have any documentation/),
        expect.stringMatching(/"nowhere" in comment for linked/),
      ])
    },
  )
})

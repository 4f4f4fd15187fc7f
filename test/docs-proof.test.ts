import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = 'docs/python-to-typescript.md'

/** The rows of the tables whose last column is `Proof`: links named after the test, leading to its file. */
function provenRows(markdown: string): Array<{ row: string; proofs: Array<{ name: string; file: string }> }> {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|') && !/^\|(?: Python \||-)/.test(line))
  return rows.map((row) => {
    const cell = row.split(' | ').at(-1) ?? ''
    const links = [...cell.matchAll(/\[([^\]]+)\]\(([^)]+\.test\.tsx?)\)/g)]
    return { row, proofs: links.map(([, name, file]) => ({ name: name!, file: join(dirname(page), file!) })) }
  })
}

/** Names of the tests in a file that run, rows of an `it.each` included: `it.skip` and `it.todo` prove nothing. */
function testNames(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(/^\s*(?:it\(\s*|\[\n\s*)(['"`])(.+?)\1/gm)].map(([, , name]) => name!)
}

describe('the page for those who come from Python', () => {
  const rows = provenRows(readFileSync(join(root, page), 'utf8'))

  it('has rows, each with a proof', () => {
    expect(rows.length).toBeGreaterThan(80)
    expect(rows.filter(({ proofs }) => proofs.length === 0).map(({ row }) => row)).toEqual([])
  })

  it('names only tests that exist', () => {
    const missing = rows.flatMap(({ proofs }) => proofs).filter(({ name, file }) => !testNames(file).includes(name))
    expect(missing).toEqual([])
  })

  it('leaves out no test of parity', () => {
    const named = new Set(rows.flatMap(({ proofs }) => proofs.map(({ name }) => name)))
    expect(testNames('src/node/seed-parity.test.ts').filter((name) => !named.has(name))).toEqual([])
  })
})

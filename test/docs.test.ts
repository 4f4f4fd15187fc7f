import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compileBlocks } from './compile-blocks'
import { codeBlocks, deadLinks, linkedPages, markdownPages, slug } from './markdown'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = markdownPages(root).map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }))

const fenced = (info: string, code: string) => `\`\`\`${info}\n${code}\n\`\`\``

describe('the documentation', () => {
  it('compiles in every TypeScript block', { timeout: 240_000 }, () => {
    expect(
      compileBlocks(
        root,
        pages.flatMap(({ page, text }) => codeBlocks(page, text)),
      ),
    ).toEqual([])
  })

  it('has no relative link that leads nowhere', () => {
    expect(pages.flatMap(({ page, text }) => deadLinks(root, page, text))).toEqual([])
  })

  it('has an index that leads to every guide, and no guide that does not lead back', () => {
    const links = new Map(pages.map(({ page, text }) => [page, linkedPages(page, text)]))
    const guides = [...links.keys()].filter((page) => dirname(page) === 'docs' && page !== 'docs/README.md')
    expect(guides.filter((page) => !links.get('docs/README.md')?.includes(page))).toEqual([])
    expect(guides.filter((page) => !links.get(page)?.includes('docs/README.md'))).toEqual([])
    expect(links.get('README.md')).toContain('docs/README.md')
  })
})

describe('the check of code blocks', () => {
  const errors = (text: string) => compileBlocks(root, codeBlocks('page.md', text))

  it('reports a wrong call where it stands', () => {
    const text = ['# Title', '', fenced('ts', `import { readFileSync } from 'node:fs'\nreadFileSync(1n)`)].join('\n')
    expect(errors(text)).toEqual([expect.stringMatching(/^page\.md:5 .*bigint/)])
  })

  it('compiles a continued block together with the one before it, and keeps other blocks apart', () => {
    const first = fenced('ts', `const answer = 42`)
    expect(errors([first, 'and then', fenced('ts continued', 'answer.toFixed()')].join('\n'))).toEqual([])
    expect(errors([first, 'and then', fenced('ts', 'answer.toFixed()')].join('\n'))).toEqual([
      expect.stringMatching(/^page\.md:6 .*answer/),
    ])
    expect(errors([first, 'and then', fenced('ts continued', 'answer.push()')].join('\n'))).toEqual([
      expect.stringMatching(/^page\.md:6 .*push/),
    ])
  })

  it('leaves out a block only with a reason, and what is not TypeScript', () => {
    expect(errors(fenced('ts', '// not compiled: pseudo code\n<<<'))).toEqual([])
    expect(errors(fenced('ts', '// not compiled:\n<<<'))).not.toEqual([])
    expect(errors(fenced('sh', 'npm test'))).toEqual([])
  })
})

describe('the check of links', () => {
  it('knows a missing file, a missing heading and a heading of this page', () => {
    const text =
      '# Some `code` here!\n\n[a](LICENSE) [b](nowhere.md) [c](#some-code-here) [d](#elsewhere) [e](https://example.com)'
    expect(deadLinks(root, 'page.md', text)).toEqual(['page.md: nowhere.md', 'page.md: #elsewhere'])
  })

  it('ignores what stands in code', () => {
    expect(deadLinks(root, 'page.md', `${fenced('md', '[a](nowhere.md)')}\n\`[b](nowhere.md)\``)).toEqual([])
  })

  it('names anchors as GitHub does', () => {
    expect(slug('How `flush()` works, and [why](x.md)')).toBe('how-flush-works-and-why')
  })
})

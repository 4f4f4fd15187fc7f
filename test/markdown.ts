import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface CodeBlock {
  /** Where it stands: `docs/guide.md:12`. */
  place: string
  language: 'ts' | 'tsx'
  code: string
}

/** The pages that a reader of the repository sees, relative to `root`. */
export function markdownPages(root: string): string[] {
  const inDocs = existsSync(join(root, 'docs'))
    ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    : []
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'AGENTS.md',
    'bench/README.md',
    ...inDocs.map((file) => `docs/${file}`),
  ]
  return pages.filter((page) => page.endsWith('.md') && existsSync(join(root, page)))
}

const fence = /^(`{3,})(.*)$/

/** Cuts a page into the lines of its prose and its fenced blocks. */
function split(text: string): { prose: string[]; fenced: Array<{ info: string; line: number; code: string }> } {
  const prose: string[] = []
  const fenced: Array<{ info: string; line: number; code: string }> = []
  let open: { mark: string; info: string; line: number; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const match = fence.exec(line.trim())
    if (open && match?.[1] === open.mark && !match[2]) {
      fenced.push({ info: open.info, line: open.line, code: open.lines.join('\n') })
      open = undefined
    } else if (open) open.lines.push(line)
    else if (match) open = { mark: match[1]!, info: match[2]!.trim(), line: index + 2, lines: [] }
    else prose.push(line)
  }
  return { prose, fenced }
}

/**
 * The TypeScript blocks of a page. `ts continued` goes on where the block before it ended: both are compiled together.
 * A block whose first line is `// not compiled: <reason>` is left out.
 */
export function codeBlocks(page: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  for (const { info, line, code } of split(text).fenced) {
    const [language, mark] = info.split(/\s+/)
    if (language !== 'ts' && language !== 'tsx') continue
    if (/^\/\/ not compiled: \S/.test(code)) continue
    const previous = blocks.at(-1)
    if (mark === 'continued' && previous) {
      // Blank lines keep the line numbers of the later block right in messages.
      const from = Number(/\d+$/.exec(previous.place))
      const gap = line - from - previous.code.split('\n').length
      blocks[blocks.length - 1] = { ...previous, code: previous.code + '\n'.repeat(Math.max(gap, 0) + 1) + code }
    } else blocks.push({ place: `${page}:${line}`, language, code })
  }
  return blocks
}

/** GitHub's anchor of a heading. */
export const slug = (heading: string) =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-')

function anchors(text: string): Set<string> {
  const seen = new Map<string, number>()
  const found = new Set<string>()
  for (const line of split(text).prose) {
    for (const match of line.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) found.add(match[1]!)
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const name = slug(heading)
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    found.add(count === 0 ? name : `${name}-${count}`)
  }
  return found
}

/** What a page links to within the repository, as it is written there. */
function relativeLinks(text: string): string[] {
  const prose = split(text)
    .prose.join('\n')
    .replaceAll(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g), ...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)]
  return links.map((match) => match[1]!).filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
}

/** The pages that a page links to, relative to the root. */
export const linkedPages = (page: string, text: string): string[] =>
  relativeLinks(text).map((target) => join(dirname(page), target.split('#')[0] || basename(page)))

/** The relative links of a page that lead nowhere: no such file, or no such heading in it. */
export function deadLinks(root: string, page: string, text: string): string[] {
  return relativeLinks(text)
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? join(root, page) : join(root, dirname(page), decodeURIComponent(path))
      if (path !== '' && !existsSync(file)) return true
      if (anchor === undefined || !file.endsWith('.md')) return false
      const content = path === '' ? text : readFileSync(file, 'utf8')
      return !anchors(content).has(anchor)
    })
    .map((target) => `${page}: ${target}`)
}

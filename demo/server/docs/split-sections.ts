import type { Section } from './section'

/** Splits a Markdown page at its headings (`# …`); what looks like one inside a code fence is not. */
export function splitSections(file: string, markdown: string): Section[] {
  const sections: Section[] = []
  const anchors = new Map<string, number>()
  let headings: string[] = []
  let lines: string[] = []
  let fence: string | undefined

  const close = () => {
    const text = lines.join('\n').trim()
    lines = []
    // Counted where nothing stands under it, too: the page has an anchor there all the same.
    const anchor = anchorOf(headings.at(-1) ?? '', anchors)
    if (text) sections.push({ id: `${file}#${anchor}`, file, headings, text })
  }

  for (const line of markdown.split(/\r?\n/)) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1]
    if (mark && (!fence || mark.startsWith(fence))) fence = fence ? undefined : mark
    const heading = fence ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(line)
    if (!heading) {
      lines.push(line)
      continue
    }
    close()
    const depth = heading[1]!.length
    headings = [...headings.slice(0, depth - 1), plainText(heading[2]!)]
  }
  close()
  return sections
}

const plainText = (markdown: string) =>
  markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .trim()

/** As code hosts make them, so that a citation can become a link; the second "Usage" of a page is `usage-1`. */
export function anchorOf(heading: string, taken: Map<string, number>): string {
  const slug = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s+/g, '-')
  const count = taken.get(slug) ?? 0
  taken.set(slug, count + 1)
  return count === 0 ? slug : `${slug}-${count}`
}

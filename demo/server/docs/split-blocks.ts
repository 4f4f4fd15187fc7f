export interface Block {
  kind: 'text' | 'list' | 'table' | 'code'
  text: string
}

/** Splits Markdown into paragraphs, lists, tables and code fences, also where no blank line stands between them. */
export function splitBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  let fence: string | undefined
  let isNew = true

  for (const line of markdown.split('\n')) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1]
    if (fence) {
      append(blocks, line)
      if (mark?.startsWith(fence)) [fence, isNew] = [undefined, true]
    } else if (mark) {
      blocks.push({ kind: 'code', text: line })
      fence = mark
    } else if (line.trim() === '') {
      isNew = true
    } else {
      const kind = kindOf(line, isNew ? undefined : blocks.at(-1)?.kind)
      // The items of a loose list are one list.
      if (blocks.at(-1)?.kind === kind && (!isNew || kind === 'list')) append(blocks, line)
      else blocks.push({ kind, text: line })
      isNew = false
    }
  }
  return blocks
}

function kindOf(line: string, before: Block['kind'] | undefined): Block['kind'] {
  if (line.startsWith('|')) return 'table'
  if (/^(?:[-*+]|\d+[.)]) /.test(line)) return 'list'
  // Indented lines, and lines that only wrap, belong to the item above.
  return before === 'list' || (/^ {2,}\S/.test(line) && before === undefined) ? 'list' : 'text'
}

function append(blocks: Block[], line: string): void {
  const last = blocks.at(-1)
  if (last) last.text += `\n${line}`
}

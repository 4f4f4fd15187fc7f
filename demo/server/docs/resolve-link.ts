import { docsPath } from './docs-path'

/** Where a link of a page leads within this demo: to another page, or to a place in this one. Null for everything else. */
export function resolveLink(file: string, href: string): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(href)) return null
  const { pathname, hash } = new URL(href, `http://repository/${file}`)
  const target = decoded(pathname.slice(1))
  return /^(?:README|docs\/.+)\.md$/.test(target) ? docsPath(`${target}${decoded(hash)}`) : null
}

/** A lone % is no reason to fail: the text was written by somebody. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

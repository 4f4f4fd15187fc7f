import { shortHash } from '../../core/ids.js'

/** Strict, since what is not ours in that directory must never be taken for ours. */
const FOLDER = /^client-[0-9a-z]+$/
const PLAIN = /^[0-9a-z]+$/

/** The folder of the client that a key belongs to: its namespace is what stands before the first slash. */
export function folderOf(key: string): string {
  const end = key.indexOf('/')
  const namespace = end < 0 ? '' : key.slice(0, end)
  // A client's own namespaces are plain; what another store's caller made up may be anything.
  return `client-${PLAIN.test(namespace) ? namespace : shortHash(namespace)}`
}

export function isFolder(name: string): boolean {
  return FOLDER.test(name)
}

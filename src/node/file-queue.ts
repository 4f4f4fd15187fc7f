import { RaindropError } from '../core/errors.js'
import type { QueueRecord, QueueStore } from '../core/types.js'
import { fs, nodePath } from './file-queue/builtins.js'
import { folderOf, isFolder } from './file-queue/folder.js'
import { OperationLine } from './file-queue/operation-line.js'
import { SegmentLog } from './file-queue/segment-log.js'

/** A queue in files, with the synchronous calls that the last moments of a process need. */
export interface FileQueue extends QueueStore {
  readonly kind: 'file'
  /** Written when it returns, behind all that was put before. For `exit` and signals, where nothing asynchronous runs any more. */
  putSync(records: readonly QueueRecord[]): void
  /** As `remove`, done when it returns. Behind a write that is under way the files learn of it later, or never: a record may then come twice. */
  removeSync(keys: readonly string[]): void
  close(): Promise<void>
}

interface Log {
  readonly log: SegmentLog
  readonly line: OperationLine
}

/**
 * Keeps the queue of a client in files, so that what is not sent yet survives the process, also a SIGKILL. Give a directory on a persistent
 * volume; processes, hosts and clients with different keys may share it. What a dead process left there, the next one with the same key
 * takes over and sends.
 *
 * A record is safe once `put` resolved: the operating system has it (no fsync, so a power cut may take the last moments). Nothing is
 * opened or created before the first call. Each text must be JSON. On a failure the promise rejects with the error of the file system, and
 * the next call tries anew. Readable by its own user only.
 * @throws RaindropError `invalid_options` without a directory
 * @example
 * const raindrop = new Raindrop({ writeKey: 'rk_…', storage: fileQueue('/var/lib/my-app/raindrop') })
 */
export function fileQueue(directory: string): FileQueue {
  if (typeof directory !== 'string' || directory === '') {
    throw new RaindropError(
      'invalid_options',
      'fileQueue: needs a directory. Pass the path of one that survives a restart.',
    )
  }
  // Now: the process may change its working directory later.
  const root = nodePath().resolve(directory)
  /** A folder for each client, so that one never takes over what only the key of another can send. */
  const logs = new Map<string, Log>()

  function logIn(folder: string): Log {
    const known = logs.get(folder)
    if (known) return known
    const log = new SegmentLog(nodePath().join(root, folder))
    const made = { log, line: new OperationLine(log) }
    logs.set(folder, made)
    return made
  }

  function logsUnder(prefix: string): Log[] {
    const folders = prefix.includes('/') ? [folderOf(prefix)] : new Set([...logs.keys(), ...foldersIn(root)])
    return [...folders].map(logIn)
  }

  return {
    kind: 'file',
    put: (records) =>
      eachFolder(
        records,
        ({ key }) => key,
        (folder, own) => logIn(folder).line.put(own),
      ),
    remove: (keys) =>
      eachFolder(
        keys,
        (key) => key,
        (folder, own) => logIn(folder).line.remove(own),
      ),
    async peek(range) {
      const found = await Promise.all(logsUnder(range.prefix).map(({ log, line }) => line.run(() => log.peek(range))))
      if (found.length === 1) return found[0]!
      return found
        .flat()
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, Math.max(0, range.limit))
    },
    async size(prefix) {
      const sizes = await Promise.all(logsUnder(prefix).map(({ log, line }) => line.run(() => log.size(prefix))))
      const sum = { records: 0, bytes: 0 }
      for (const { records, bytes } of sizes) {
        sum.records += records
        sum.bytes += bytes
      }
      return sum
    },
    async close() {
      await Promise.all([...logs.values()].map(({ log, line }) => line.run(() => log.close())))
      for (const folder of logs.keys()) removeWhereEmpty(nodePath().join(root, folder))
    },
    putSync(records) {
      for (const [folder, own] of byFolder(records, ({ key }) => key)) {
        const { log, line } = logIn(folder)
        line.drainSync()
        log.putSync(own)
      }
    },
    removeSync(keys) {
      for (const [folder, own] of byFolder(keys, (key) => key)) {
        const { log, line } = logIn(folder)
        line.drainSync()
        log.removeSync(own)
      }
    },
  }
}

function byFolder<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const folder = folderOf(keyOf(item))
    const group = groups.get(folder)
    if (group) group.push(item)
    else groups.set(folder, [item])
  }
  return groups
}

async function eachFolder<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  act: (folder: string, own: T[]) => Promise<void>,
): Promise<void> {
  await Promise.all([...byFolder(items, keyOf)].map(([folder, own]) => act(folder, own)))
}

function foldersIn(root: string): string[] {
  try {
    return fs().readdirSync(root).filter(isFolder)
  } catch {
    // Not made yet, or not readable: the first write will tell.
    return []
  }
}

function removeWhereEmpty(path: string): void {
  try {
    fs().rmdirSync(path)
  } catch {
    // Records wait in it, or it was never made.
  }
}

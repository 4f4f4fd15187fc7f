import { RaindropError } from '../core/errors.js'
import type { QueueRecord, QueueStore } from '../core/types.js'
import { nodePath } from './file-queue/builtins.js'
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

/**
 * Keeps the queue of a client in files, so that what is not sent yet survives the process, also a SIGKILL. Give a directory on a persistent
 * volume; processes and hosts may share it. What a dead process left there, the next one to start takes over and sends.
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
  const log = new SegmentLog(nodePath().resolve(directory))
  const line = new OperationLine(log)
  return {
    kind: 'file',
    put: async (records) => line.put(records),
    peek: async (range) => line.run(() => log.peek(range)),
    remove: async (keys) => line.remove(keys),
    size: async (prefix) => line.run(() => log.size(prefix)),
    close: async () => line.run(() => log.close()),
    putSync(records) {
      line.drainSync()
      log.putSync(records)
    },
    removeSync(keys) {
      line.drainSync()
      log.removeSync(keys)
    },
  }
}

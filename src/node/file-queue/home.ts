import { fs, nodePath } from './builtins.js'
import { HEARTBEAT_MS, thisOwner } from './owner.js'

/** Names inside a queue's directory: one folder for each writer, with its lock and its segments. */
export const LOCK_NAME = 'lock'
export const SEGMENT_SUFFIX = '.ndjson'
/** Strict, since what is not ours in that directory must never be taken for ours. */
export const HOME_NAME = /^raindrop-[0-9a-z]+-\d+-[0-9a-z]+$/

/**
 * The folder of one writer, made with its first record. A folder, not a name prefix, so that a starting process takes over all of a dead
 * one's in one atomic rename: its segments never come without each other, and never to two.
 */
export class Home {
  readonly path: string
  private readonly id = newHomeName()
  private readonly lockPath: string
  private readonly heartbeat: NodeJS.Timeout
  private segments = 0

  constructor(directory: string) {
    this.path = nodePath().join(directory, this.id)
    this.lockPath = nodePath().join(this.path, LOCK_NAME)
    fs().mkdirSync(directory, { recursive: true, mode: 0o700 })
    fs().mkdirSync(this.path, { mode: 0o700 })
    try {
      // Before any segment: a folder that holds segments and no lock is one that was closed.
      fs().writeFileSync(this.lockPath, JSON.stringify(thisOwner()), { flag: 'wx', mode: 0o600 })
    } catch (error) {
      removeEmpty(this.path, this.lockPath)
      throw error
    }
    this.heartbeat = setInterval(() => this.touch(), HEARTBEAT_MS).unref()
  }

  /** False once somebody removed it, or took it over since this process seemed dead (suspended for minutes on a shared volume). */
  get isOurs(): boolean {
    return fs().existsSync(this.lockPath)
  }

  nextSegmentPath(): string {
    return nodePath().join(this.path, `${this.id}-${String(++this.segments).padStart(6, '0')}${SEGMENT_SUFFIX}`)
  }

  /** Leaves nothing behind but segments with records; whoever starts next may adopt them. */
  close(): void {
    clearInterval(this.heartbeat)
    removeEmpty(this.path, this.lockPath)
  }

  private touch(): void {
    const now = new Date()
    // A failure shows at the next write, which has somebody to tell.
    fs().utimes(this.lockPath, now, now, () => undefined)
  }
}

/** Sorts by age. mkdir refuses a name that is taken. */
const newHomeName = () =>
  `raindrop-${Date.now().toString(36)}-${process.pid}-${Math.random().toString(36).slice(2, 12)}`

/** Removes the lock, and the folder where nothing else is in it. */
export function removeEmpty(path: string, lockPath: string): void {
  try {
    fs().unlinkSync(lockPath)
  } catch {
    // Never written, or gone with its folder.
  }
  try {
    fs().rmdirSync(path)
  } catch {
    // Not empty: records that wait for the next start.
  }
}

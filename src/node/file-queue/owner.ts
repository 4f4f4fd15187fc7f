import { fs, os } from './builtins.js'

/** Who writes to a home. A pid alone would not do: in a container it is 1 after every restart. */
export interface Owner {
  readonly pid: number
  readonly host: string
  /** Tells two processes with one pid apart. */
  readonly start: string
}

/** How often an open queue touches its lock. */
export const HEARTBEAT_MS = 30_000
/** A lock that was not touched for this long is that of a dead writer, where the process itself cannot be asked. */
const STALE_AFTER_MS = 300_000

const hostName = () => os().hostname()

export function thisOwner(): Owner {
  return { pid: process.pid, host: hostName(), start: ownStart() }
}

/** Whether the writer that the lock names still lives. In doubt it does: a record read late is not lost. */
export function isOwnerAlive(lockPath: string): boolean {
  try {
    const owner = parseOwner(fs().readFileSync(lockPath, 'utf8'))
    const alive = owner === undefined ? undefined : isProcessAlive(owner)
    return alive ?? Date.now() - fs().statSync(lockPath).mtimeMs < STALE_AFTER_MS
  } catch {
    // Closed or claimed by another starter in this moment, or not ours to read.
    return true
  }
}

/** Undefined where only the heartbeat can tell: another host on a shared volume, or a pid whose start cannot be read. */
function isProcessAlive(owner: Owner): boolean | undefined {
  if (owner.host !== hostName()) return undefined
  if (owner.pid === process.pid) return owner.start === ownStart()
  if (!pidExists(owner.pid)) return false
  const start = linuxStart(owner.pid)
  return start === undefined ? undefined : start === owner.start
}

function pidExists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

const ownStart = () => linuxStart('self') ?? `origin:${performance.timeOrigin}`

/** Boot id and clock ticks since boot: proc(5), field 22 of stat. A zombie (field 3) has ended, though its pid still exists. */
function linuxStart(pid: number | 'self'): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const stat = fs().readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in field 2 may hold spaces and brackets; what follows its last bracket does not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended'
    return `${fs().readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return undefined
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null
    const { pid, host, start } = owner ?? {}
    return typeof pid === 'number' && typeof host === 'string' && typeof start === 'string'
      ? { pid, host, start }
      : undefined
  } catch {
    return undefined
  }
}

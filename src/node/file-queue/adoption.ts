import type { Dirent } from 'node:fs'
import { fs, nodePath } from './builtins.js'
import { type Home, HOME_NAME, LOCK_NAME, removeEmpty, SEGMENT_SUFFIX } from './home.js'
import { isOwnerAlive } from './owner.js'

/** Long enough for a process to write its lock after it made its folder. */
const UNLOCKED_FOLDER_MS = 60_000

/**
 * Moves what dead writers left into our own home and returns the segments, oldest writer first. One rename takes a whole folder, so of two
 * starters one gets it. Whoever dies on the way leaves the folder inside its own, where the next starter finds it.
 */
export function adoptSegments(directory: string, current: Home | undefined, openHome: () => Home): string[] {
  const abandoned = homesIn(directory).filter((name) => isAbandoned(nodePath().join(directory, name)))
  // The current home may hold what an adoption that failed half-way has claimed.
  const home = abandoned.length > 0 ? openHome() : current
  if (home === undefined) return []
  for (const name of abandoned) claim(nodePath().join(directory, name), home)
  return homesIn(home.path)
    .flatMap((name) => flatten(nodePath().join(home.path, name), home.path))
    .sort((a, b) => (nodePath().basename(a) < nodePath().basename(b) ? -1 : 1))
}

function homesIn(directory: string): string[] {
  return list(directory)
    .filter((entry) => entry.isDirectory() && HOME_NAME.test(entry.name))
    .map(({ name }) => name)
}

/** Of a folder that is not there (any more), nothing. */
function list(directory: string): Dirent[] {
  try {
    return fs().readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function isAbandoned(path: string): boolean {
  const names = readableNames(path)
  const lockPath = nodePath().join(path, LOCK_NAME)
  const locked = names.includes(LOCK_NAME)
  if (locked && isOwnerAlive(lockPath)) return false
  if (names.some((name) => name !== LOCK_NAME)) return true
  if (locked || isOlderThan(path, UNLOCKED_FOLDER_MS)) removeEmpty(path, lockPath)
  return false
}

/** A folder of another user is that user's to adopt. */
function readableNames(path: string): string[] {
  try {
    return fs().readdirSync(path)
  } catch {
    return []
  }
}

function isOlderThan(path: string, ms: number): boolean {
  try {
    return Date.now() - fs().statSync(path).mtimeMs > ms
  } catch {
    return false
  }
}

function claim(path: string, home: Home): void {
  try {
    fs().renameSync(path, nodePath().join(home.path, nodePath().basename(path)))
  } catch {
    // Another starter was first, or it is not ours to move.
  }
}

/** Names of segments begin with their first writer's id, so they never meet in one folder. */
function flatten(from: string, into: string): string[] {
  const moved = homesIn(from).flatMap((name) => flatten(nodePath().join(from, name), into))
  for (const { name } of list(from)) {
    if (!name.endsWith(SEGMENT_SUFFIX)) continue
    fs().renameSync(nodePath().join(from, name), nodePath().join(into, name))
    moved.push(nodePath().join(into, name))
  }
  removeEmpty(from, nodePath().join(from, LOCK_NAME))
  return moved
}

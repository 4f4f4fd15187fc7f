import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { StartError } from './start-error'

/**
 * Makes sure that the folder of the embedded database is whole before it is opened: PGlite sets up a new database wherever the file with the
 * version is missing, also over what is there. Nothing is ever deleted here but what a first start left half done.
 *
 * @param create Sets up a database in a folder that does not exist yet.
 */
export async function prepareDirectory(directory: string, create: (directory: string) => Promise<void>): Promise<void> {
  writable(() => mkdirSync(directory, { recursive: true }), directory)
  writable(() => {
    const probe = join(directory, '.writable')
    writeFileSync(probe, '')
    rmSync(probe)
  }, directory)

  if (readdirSync(directory).length > 0) return check(directory)
  // Beside it, and moved once it is complete: a first start that is cut off leaves nothing that looks like a damaged database.
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  await create(unfinished)
  rmdirSync(directory)
  renameSync(unfinished, directory)
}

function check(directory: string): void {
  const [version, control] = [
    fileSize(join(directory, 'PG_VERSION')),
    fileSize(join(directory, 'global', 'pg_control')),
  ]
  if (version === 0) throw damaged(directory, 'the file PG_VERSION is missing or empty')
  // Postgres writes it whole, always in this size.
  if (control !== 8_192) throw damaged(directory, 'the file global/pg_control is missing or cut off')
  if (!existsSync(join(directory, 'base'))) throw damaged(directory, 'the folder base is missing')
}

const fileSize = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** What to say where the database cannot be opened. It says how to keep what is there. */
export function damaged(directory: string, why: string): StartError {
  const aside = `${directory}.damaged-${new Date().toISOString().slice(0, 10)}`
  return new StartError(
    [
      `${directory} cannot be opened: ${why}.`,
      `Nothing in it was deleted${versionNote(directory)}. To begin with an empty store and keep this one for a rescue:`,
      `  mv '${directory}' '${aside}'`,
      'Or set RAINDROP_DATA_DIR to another folder, or DATABASE_URL to a Postgres.',
    ].join('\n'),
  )
}

function versionNote(directory: string): string {
  try {
    return `; it was made by PostgreSQL ${readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim() || 'of unknown version'}`
  } catch {
    return ''
  }
}

function writable(work: () => void, directory: string): void {
  try {
    work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartError(
      `${directory} cannot be written (${code}). Make it writable for this user, or set RAINDROP_DATA_DIR to a folder that is.`,
    )
  }
}

import { join } from 'node:path'
import { lockDirectory } from './data-lock'
import type { Database } from './database'
import { openPGlite } from './pglite-database'
import { openPostgres } from './postgres-database'

/** A reason to stop that the person at the terminal can do something about. */
export class StartError extends Error {}

export interface OpenDatabaseOptions {
  /** Postgres to use instead of the embedded one. */
  url?: string | undefined
  /** Where the embedded one keeps its files. */
  dataDirectory: string
}

export async function openDatabase({ url, dataDirectory }: OpenDatabaseOptions): Promise<Database> {
  if (url) {
    return openPostgres(url).catch((error: Error) => {
      throw new StartError(
        `DATABASE_URL: no connection (${error.message}). Check the address, or unset it to use the embedded database.`,
      )
    })
  }
  const directory = join(dataDirectory, 'ingest')
  if (!(await lockDirectory(directory))) {
    throw new StartError(
      `${directory} is in use by another ingest. Stop that one, set RAINDROP_DATA_DIR to another folder, or set DATABASE_URL: a Postgres can be shared.`,
    )
  }
  return openPGlite(directory).catch((error: Error) => {
    throw new StartError(
      `${directory} could not be opened (${error.message}). Check that it is writable; if it is damaged, move it away and start again.`,
    )
  })
}

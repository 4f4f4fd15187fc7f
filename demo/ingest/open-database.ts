import { join } from 'node:path'
import { lockDirectory } from './data-lock'
import type { Database } from './database'
import { damaged, prepareDirectory } from './data-directory'
import { openPGlite } from './pglite-database'
import { openPostgres } from './postgres-database'
import { StartError } from './start-error'

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
  await prepareDirectory(directory, async (fresh) => (await openPGlite(fresh)).close())
  return openPGlite(directory).catch((error: Error) => {
    throw damaged(directory, error.message)
  })
}

/** What goes wrong right after opening is the folder too, as long as nobody else has a hand in it. */
export function startFailure(error: unknown, { url, dataDirectory }: OpenDatabaseOptions): unknown {
  if (url || error instanceof StartError || !(error instanceof Error)) return error
  return damaged(join(dataDirectory, 'ingest'), error.message)
}

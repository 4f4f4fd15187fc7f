import { join } from 'node:path'
import { damaged, prepareDirectory } from '../../ingest/data-directory'
import { lockDirectory } from '../../ingest/data-lock'
import type { Database } from '../../ingest/database'
import { openPGlite } from '../../ingest/pglite-database'
import { openPostgres } from '../../ingest/postgres-database'
import { runningEnded } from '../answer/running'
import { dataDirectory } from '../data-directory'
import { stopping } from '../stopping'
import { createConversationStore, type ConversationStore } from './conversation-store'

const globals = globalThis as { demoConversations?: Promise<ConversationStore> }

/** One store for the whole server, opened when it is first needed. On `globalThis` for the reason told in raindrop.ts. */
export function getConversations(): Promise<ConversationStore> {
  globals.demoConversations ??= openStore()
  // A failure is not kept: what was wrong may be mended without a restart.
  globals.demoConversations.catch(() => delete globals.demoConversations)
  return globals.demoConversations
}

async function openStore(): Promise<ConversationStore> {
  const store = await createConversationStore(await openDatabase())
  const close = () => runningEnded().then(() => store.close())
  // A process that ends before this is done loses nothing: the database recovers when it is opened.
  stopping().addEventListener('abort', () => void close().catch(() => undefined), { once: true })
  return store
}

/** An embedded Postgres beside the ingest's, since the chat is another program with data of its own; or the Postgres of DATABASE_URL. */
async function openDatabase(): Promise<Database> {
  const { DATABASE_URL } = process.env
  if (DATABASE_URL) {
    return openPostgres(DATABASE_URL).catch((error: Error) => {
      throw new Error(`DATABASE_URL: no connection (${error.message}). Check the address, or unset it.`)
    })
  }
  const directory = join(dataDirectory(), 'chat')
  if (!(await lockDirectory(directory)))
    throw new Error(
      `${directory} is in use by another chat server. Stop that one first, or set RAINDROP_DATA_DIR to another folder.`,
    )
  // The store of a chat is as easily damaged as the ingest's, and as little to be touched then.
  await prepareDirectory(directory, async (fresh) => (await openPGlite(fresh)).close())
  return openPGlite(directory).catch((error: Error) => {
    throw damaged(directory, error.message)
  })
}

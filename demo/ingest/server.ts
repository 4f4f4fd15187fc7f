import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { Database } from './database'
import { createEventStore, type EventStore } from './event-store'
import { createIngestServer } from './ingest-server'
import { createLiveFeed } from './live-feed'
import { openDatabase, startFailure } from './open-database'
import { StartError } from './start-error'
import { readWriteKeys } from './write-keys'

async function start(): Promise<void> {
  const {
    INGEST_PORT = '8787',
    INGEST_HOST = '127.0.0.1',
    DATABASE_URL,
    RAINDROP_DATA_DIR = '.data',
    RAINDROP_WRITE_KEYS,
  } = process.env
  const where = { url: DATABASE_URL, dataDirectory: resolve(RAINDROP_DATA_DIR) }
  const database = await openDatabase(where)
  const store = await openStore(database).catch((error: unknown) => {
    throw startFailure(error, where)
  })
  const live = await createLiveFeed(store)
  const server = createIngestServer({ store, live, writeKeys: readWriteKeys(RAINDROP_WRITE_KEYS) })

  let isStopping = false
  const stop = () => {
    // Ctrl+C reaches us twice: from the terminal and from the process that started us.
    if (isStopping) return
    isStopping = true
    live.close()
    server.close(() => void store.close().finally(() => process.exit(0)))
    server.closeIdleConnections()
    // A request that never ends must not keep us: what it carried was not answered and will come again.
    setTimeout(() => process.exit(1), 5_000).unref()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  server.once('error', (error: NodeJS.ErrnoException) => {
    end(
      error.code === 'EADDRINUSE'
        ? new StartError(`Port ${INGEST_PORT} is taken. Set INGEST_PORT to a free one.`)
        : error,
    )
  })
  server.listen(Number(INGEST_PORT), INGEST_HOST, () => {
    const { port } = server.address() as AddressInfo
    console.log(`ingest: http://${INGEST_HOST}:${port}/v1/ (${database.kind})`)
  })
}

/** With a first query of each kind before anybody waits for one: it is compiled, and reads pages from the disk. */
async function openStore(database: Database): Promise<EventStore> {
  const store = await createEventStore(database)
  for (let round = 0; round < 3; round += 1) {
    await store.list({ limit: 50 })
    await store.conversations({ limit: 50 })
    await store.overview('24h')
  }
  return store
}

function end(error: unknown): never {
  console.error(error instanceof StartError ? `ingest: ${error.message}` : error)
  process.exit(1)
}

start().catch(end)

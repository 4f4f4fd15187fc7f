import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { createEventStore } from './event-store'
import { createIngestServer } from './ingest-server'
import { createLiveFeed } from './live-feed'
import { openDatabase, StartError } from './open-database'

async function start(): Promise<void> {
  const { INGEST_PORT = '8787', INGEST_HOST = '127.0.0.1', DATABASE_URL, RAINDROP_DATA_DIR = '.data' } = process.env
  const database = await openDatabase({ url: DATABASE_URL, dataDirectory: resolve(RAINDROP_DATA_DIR) })
  const store = await createEventStore(database)
  const live = await createLiveFeed(store)
  const server = createIngestServer({ store, live })

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

function end(error: unknown): never {
  console.error(error instanceof StartError ? `ingest: ${error.message}` : error)
  process.exit(1)
}

start().catch(end)

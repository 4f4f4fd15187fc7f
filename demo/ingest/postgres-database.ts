import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Database, Query } from './database'

/** A real Postgres, or anything that speaks its protocol. Any number of ingest processes may share it. */
export async function openPostgres(connectionString: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString, max: 8 })
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  pool.on('error', (error) => console.error(`ingest: a database connection was lost (${error.message})`))
  await pool.query('select 1')

  const closing = new AbortController()

  return {
    kind: 'postgres',
    query: queryOf(pool),
    async transaction(work) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const result = await work(queryOf(client))
        await client.query('commit')
        client.release()
        return result
      } catch (error) {
        // A connection that cannot even roll back is broken and must not go back to the pool.
        const broken = await client.query('rollback').then(
          () => false,
          () => true,
        )
        client.release(broken)
        throw error
      }
    },
    listen: (channel, onMessage) => listen({ connectionString, channel, onMessage, signal: closing.signal }),
    async close() {
      closing.abort()
      await pool.end()
    },
  }
}

interface ListenOptions {
  connectionString: string
  channel: string
  onMessage: (payload: string) => void
  signal: AbortSignal
}

/** LISTEN needs a connection of its own; when it breaks, another takes its place. */
async function listen(options: ListenOptions): Promise<void> {
  const { connectionString, channel, onMessage, signal } = options
  const client = new pg.Client({ connectionString })
  const end = () => void client.end().catch(() => undefined)
  client.on('notification', (message) => onMessage(message.payload ?? ''))
  let isLost = false
  client.on('error', () => {
    // A broken connection may report more than one error.
    if (isLost) return
    isLost = true
    signal.removeEventListener('abort', end)
    void reconnect(options)
  })
  await client.connect()
  await client.query(`listen ${pg.escapeIdentifier(channel)}`)
  signal.addEventListener('abort', end, { once: true })
}

async function reconnect(options: ListenOptions): Promise<void> {
  while (!options.signal.aborted) {
    await delay(1_000, undefined, { ref: false })
    try {
      await listen(options)
      // Whatever was announced in between went unheard.
      options.onMessage('*')
      return
    } catch {
      // Still away: try again until it is back or we close.
    }
  }
}

const queryOf =
  (target: pg.Pool | pg.PoolClient): Query =>
  async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await target.query(sql, [...parameters])).rows as Row[]

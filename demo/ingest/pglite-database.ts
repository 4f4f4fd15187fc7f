import { mkdirSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import type { Database, Query } from './database'

/** Postgres inside this process. Without a directory it lives in memory. One process per directory: see data-lock.ts. */
export async function openPGlite(directory?: string): Promise<Database> {
  if (directory) mkdirSync(directory, { recursive: true })
  const db = await PGlite.create(directory ? { dataDir: directory } : {})

  return {
    kind: 'pglite',
    query: queryOf(db),
    transaction: (work) => db.transaction((tx) => work(queryOf(tx))) as Promise<never>,
    async listen(channel, onMessage) {
      await db.listen(channel, onMessage)
    },
    close: () => db.close(),
  }
}

const queryOf =
  (target: Pick<PGlite, 'query'>): Query =>
  async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await target.query<Row>(sql, [...parameters])).rows

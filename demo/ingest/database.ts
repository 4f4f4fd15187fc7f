/** One statement with its parameters; rows come back as plain objects. */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>

/** What the store needs of a Postgres, embedded or real. The same SQL runs on both. */
export interface Database {
  readonly kind: 'pglite' | 'postgres'
  readonly query: Query
  /** Commits what `work` did, or rolls all of it back when it throws. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
  listen(channel: string, onMessage: (payload: string) => void): Promise<void>
  close(): Promise<void>
}

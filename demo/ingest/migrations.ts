import type { Database, Query } from './database'
import { countEverything } from './count-everything'
import { inspectorTables } from './inspector-tables'

type Step = string | ((query: Query) => Promise<void>)

/** Never edit one that was released: add another. Their order is their version. */
const migrations: readonly (readonly Step[])[] = [
  [
    `create table events (
      event_id text primary key,
      position bigint generated always as identity,
      received_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      pending boolean not null,
      body jsonb not null,
      stamps jsonb not null
    )`,
    `create unique index events_position on events (position desc)`,
    `create table signals (
      signal_id text primary key,
      position bigint generated always as identity,
      event_id text not null,
      received_at timestamptz not null default now(),
      body jsonb not null
    )`,
    // No foreign key: a signal may overtake its event.
    `create index signals_event on signals (event_id, position)`,
    `create table users (
      user_id text primary key,
      updated_at timestamptz not null default now(),
      traits jsonb not null
    )`,
    `create table spans (
      span_key text primary key,
      received_at timestamptz not null default now(),
      body jsonb not null
    )`,
  ],
  [...inspectorTables, countEverything],
]

/** Any constant that no other user of the same database takes. */
const migrationLock = 7_241_115

/** Brings the schema up to date. Several processes may start at once: one does the work, the others wait for it. */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [migrationLock])
    await query(
      'create table if not exists schema_version (version integer primary key, applied_at timestamptz not null default now())',
    )
    const [row] = await query<{ version: number }>(
      'select coalesce(max(version), 0)::int as version from schema_version',
    )
    const current = row?.version ?? 0
    for (const [index, steps] of migrations.entries()) {
      if (index < current) continue
      for (const step of steps) await (typeof step === 'string' ? query(step) : step(query))
      await query('insert into schema_version (version) values ($1)', [index + 1])
    }
  })
}

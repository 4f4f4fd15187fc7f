import type { Database } from '../../ingest/database'

/** In a schema of their own: with DATABASE_URL the ingest's tables may live in the same Postgres. */
const statements = [
  'create schema if not exists chat',
  `create table if not exists chat.conversations (
    convo_id uuid primary key,
    visitor_id uuid not null,
    title text not null,
    updated_at timestamptz not null default now()
  )`,
  'create index if not exists conversations_visitor on chat.conversations (visitor_id, updated_at desc)',
  `create table if not exists chat.answers (
    event_id text primary key,
    convo_id uuid not null references chat.conversations on delete cascade,
    turn_id uuid not null,
    position bigint generated always as identity,
    question text not null,
    body jsonb not null
  )`,
  'create index if not exists answers_conversation on chat.answers (convo_id, position)',
  `create table if not exists chat.signals (
    signal_id text primary key,
    event_id text not null references chat.answers on delete cascade,
    attachment_id text not null,
    name text not null,
    properties jsonb not null,
    at timestamptz not null
  )`,
  'create index if not exists signals_event on chat.signals (event_id, at)',
]

/** Any constant that no other user of the same database takes: "if not exists" alone is no help when two servers start at once. */
const schemaLock = 7_241_116

export async function createSchema(database: Database): Promise<void> {
  await database.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [schemaLock])
    for (const statement of statements) await query(statement)
  })
}

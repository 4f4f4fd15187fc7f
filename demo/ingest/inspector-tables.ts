import { counterNames } from './counters'

/** An index entry may have 2,700 bytes; what is longer is compared by its beginning. */
export const maxKeyLength = 256
const key = (expression: string) => `text generated always as (left(${expression}, ${maxKeyLength})) stored`

/** SQL: whether the event names an error. Word for word as in the index, or the index is not used. */
export const hasFailed = (body: string) => `(${body}->'properties' ?| array['error.message', 'error.type'])`

const span = '$.resourceSpans[0].scopeSpans[0].spans[0]'
const spanAttribute = (name: string) =>
  `jsonb_path_query_first(body, '${span}.attributes[*] ? (@.key == "${name}").value.stringValue') #>> '{}'`

/** What the inspector filters by, searches in and adds up, kept beside the records as they came. */
export const inspectorTables: readonly string[] = [
  `alter table events
    add column name ${key(`body->>'event'`)},
    add column user_id ${key(`body->>'user_id'`)},
    add column convo_id ${key(`body->'ai_data'->>'convo_id'`)},
    add column model ${key(`body->'ai_data'->>'model'`)}`,
  // Statistics of columns that nothing is compared with cost time and say nothing.
  `alter table events alter column body set statistics 0, alter column stamps set statistics 0`,
  `create index events_user on events (user_id, position desc)`,
  `create index events_convo on events (convo_id, position desc) where convo_id is not null`,
  `create index events_name on events (name, position desc)`,
  // Few are open or failed at a time: these stay small.
  `create index events_open on events (position desc) where pending`,
  `create index events_failed on events (position desc) where ${hasFailed('body')}`,
  `create index events_model on events (model, position desc) where model is not null`,

  // The comment and the edit that come with a vote repeat its sentiment: one opinion counts once.
  `alter table signals
    add column name ${key(`body->>'signal_name'`)},
    add column rating smallint generated always as (case
      when body->>'signal_name' in ('user_feedback', 'user_edit') then 0
      when body->>'sentiment' = 'POSITIVE' then 1
      when body->>'sentiment' = 'NEGATIVE' then -1
      when body->>'signal_name' = 'thumbs_up' then 1
      when body->>'signal_name' = 'thumbs_down' then -1
      else 0 end) stored,
    add column supersedes ${key(`coalesce(body->'properties'->>'replaces', body->'properties'->>'retracts')`)},
    add column superseded boolean not null default false,
    add column model text not null default ''`,
  `create index signals_name on signals (name, event_id)`,
  `create index signals_supersedes on signals (supersedes) where supersedes is not null`,

  `alter table spans
    add column trace_id ${key(`jsonb_path_query_first(body, '${span}.traceId') #>> '{}'`)},
    add column event_id ${key(
      `coalesce(${spanAttribute('traceloop.association.properties.event_id')}, ${spanAttribute('ai.telemetry.metadata.raindrop.eventId')})`,
    )}`,
  `create index spans_event on spans (event_id) where event_id is not null`,
  `create index spans_trace on spans (trace_id)`,

  // Sums per time and model. Processes write different shards, so that they do not wait for each other.
  `create table buckets (
    size text not null,
    start timestamptz not null,
    model text not null,
    shard smallint not null,
    ${counterNames.map((name) => `${name} bigint not null default 0`).join(', ')},
    primary key (size, start, model, shard)
  )`,

  // Full text is indexed a moment later: inside the ingest it would cost more than all the rest. See text-index.ts.
  `create table text_queue (position bigint not null)`,
  `create table event_words (position bigint primary key, words tsvector not null)`,
  `create index event_words_words on event_words using gin (words)`,
  `insert into text_queue select position from events order by position`,
]

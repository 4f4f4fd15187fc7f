import type { Query } from './database'

export interface Conversation {
  convoId: string
  /** Position of its newest event. */
  cursor: string
  userId: string | null
  /** Up to 1,000. */
  events: number
  startedAt: Date
  lastAt: Date
  firstInput: string | null
  lastInput: string | null
  pending: boolean
  positive: number
  negative: number
}

export interface ConversationPage {
  conversations: Conversation[]
  nextCursor: string | null
}

const countedEvents = 1_000

/**
 * By their newest event, newest first. A conversation is listed where its newest event stands, so the pages follow the index of events and
 * nothing has to be kept per conversation.
 */
export async function listConversations(
  query: Query,
  { before, limit, user }: { before?: string; limit: number; user?: string },
): Promise<ConversationPage> {
  const rows = await query<Conversation>(
    `select l.convo_id as "convoId", l.position::text as cursor, l.user_id as "userId", l.received_at as "lastAt", l.pending,
       left(l.body->'ai_data'->>'input', 240) as "lastInput",
       f.received_at as "startedAt", left(f.body->'ai_data'->>'input', 240) as "firstInput",
       c.events, c.positive, c.negative
     from (
       select * from events e
       where e.convo_id is not null and e.position < $1::bigint ${user === undefined ? '' : 'and e.user_id = $3'}
         and not exists (select 1 from events n where n.convo_id = e.convo_id and n.position > e.position)
       order by e.position desc limit $2
     ) l
     cross join lateral (select received_at, body from events f where f.convo_id = l.convo_id order by f.position limit 1) f
     cross join lateral (
       select count(distinct t.event_id)::int as events,
         count(s.signal_id) filter (where s.rating > 0)::int as positive,
         count(s.signal_id) filter (where s.rating < 0)::int as negative
       from (select event_id from events t where t.convo_id = l.convo_id limit ${countedEvents}) t
       left join signals s on s.event_id = t.event_id and not s.superseded
     ) c
     order by l.position desc`,
    [before ?? '9223372036854775807', limit + 1, ...(user === undefined ? [] : [user])],
  )
  const conversations = rows.slice(0, limit)
  return { conversations, nextCursor: rows.length > limit ? conversations.at(-1)!.cursor : null }
}

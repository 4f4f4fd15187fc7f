import type { Database, Query } from '../../ingest/database'
import { storable } from '../../ingest/storable'
import type { Answer, Conversation, ConversationSummary, Turn } from './conversation'
import { feedbackOf, type StoredSignal } from './feedback-of'
import { createSchema } from './schema'

export interface NewAnswer {
  visitorId: string
  convoId: string
  turnId: string
  eventId: string
  question: string
  model: string
}

/** The part of an answer that changes while it is written. */
export type AnswerBody = Pick<Answer, 'status' | 'text' | 'sources' | 'model' | 'error'>

export interface SentSignal extends StoredSignal {
  eventId: string
  /** Empty for the answer itself. */
  attachmentId: string
  at: string
}

/** The app's own database: what was said, and what visitors thought of it. */
export interface ConversationStore {
  /** Latest first. */
  list(visitorId: string): Promise<ConversationSummary[]>
  /** Null for a conversation that is not there, or is somebody else's. */
  open(visitorId: string, convoId: string): Promise<Conversation | null>
  /** False where the conversation is somebody else's, or full. */
  begin(answer: NewAnswer): Promise<boolean>
  end(eventId: string, body: AnswerBody): Promise<void>
  /** The question that an answer was given to, with the passages of all its answers so far. */
  asked(visitorId: string, eventId: string): Promise<Asked | null>
  /** A repeat changes nothing; a signal on an answer that is gone is forgotten. */
  saveSignal(signal: SentSignal): Promise<void>
  remove(visitorId: string, convoId: string): Promise<void>
  close(): Promise<void>
}

export interface Asked {
  convoId: string
  turnId: string
  question: string
  /** Ids of the passages. */
  used: readonly string[]
}

/** So that a visitor who never tidies up does not fill the disk: the oldest conversation gives way, a full one takes no more. */
export const limits = { conversations: 100, answers: 200, signals: 200, titleLength: 80 }

export async function createConversationStore(database: Database): Promise<ConversationStore> {
  await createSchema(database)
  const { query } = database
  return {
    list: (visitorId) =>
      query<ConversationSummary>(
        `select convo_id as "convoId", title from chat.conversations where visitor_id = $1 order by updated_at desc limit ${limits.conversations}`,
        [visitorId],
      ),
    open: (visitorId, convoId) => open(query, visitorId, convoId),
    begin: (answer) => database.transaction((inside) => begin(inside, storable(answer))),
    async end(eventId, body) {
      await query('update chat.answers set body = $2::jsonb where event_id = $1', [
        eventId,
        JSON.stringify(storable(body)),
      ])
    },
    asked: (visitorId, eventId) => asked(query, visitorId, eventId),
    saveSignal: (signal) => saveSignal(query, signal),
    async remove(visitorId, convoId) {
      await query('delete from chat.conversations where convo_id = $1 and visitor_id = $2', [convoId, visitorId])
    },
    close: () => database.close(),
  }
}

async function begin(query: Query, answer: NewAnswer): Promise<boolean> {
  const { visitorId, convoId, turnId, eventId, question, model } = answer
  const title = question.replaceAll(/\s+/g, ' ').slice(0, limits.titleLength)
  const [own] = await query<{ answers: number }>(
    `insert into chat.conversations as c (convo_id, visitor_id, title) values ($1, $2, $3)
     on conflict (convo_id) do update set updated_at = now() where c.visitor_id = excluded.visitor_id
     returning (select count(*)::int from chat.answers a where a.convo_id = c.convo_id) as answers`,
    [convoId, visitorId, title],
  )
  if (!own || own.answers >= limits.answers) return false
  await query(
    'insert into chat.answers (event_id, convo_id, turn_id, question, body) values ($1, $2, $3, $4, $5::jsonb)',
    [eventId, convoId, turnId, question, JSON.stringify({ status: 'open', text: '', sources: [], model })],
  )
  await query(
    `delete from chat.conversations where convo_id in
      (select convo_id from chat.conversations where visitor_id = $1 order by updated_at desc offset ${limits.conversations})`,
    [visitorId],
  )
  return true
}

type AnswerRow = { eventId: string; turnId: string; question: string; body: AnswerBody }
type SignalRow = StoredSignal & { eventId: string; attachmentId: string }

async function open(query: Query, visitorId: string, convoId: string): Promise<Conversation | null> {
  const [summary] = await query<ConversationSummary>(
    'select convo_id as "convoId", title from chat.conversations where convo_id = $1 and visitor_id = $2',
    [convoId, visitorId],
  )
  if (!summary) return null
  const answers = await query<AnswerRow>(
    'select event_id as "eventId", turn_id as "turnId", question, body from chat.answers where convo_id = $1 order by position',
    [convoId],
  )
  const signals = await query<SignalRow>(
    `select signal_id as "signalId", event_id as "eventId", attachment_id as "attachmentId", name, properties
     from chat.signals where event_id = any($1::text[]) order by at, signal_id`,
    [answers.map(({ eventId }) => eventId)],
  )
  const signalsOf = grouped(signals, ({ eventId }) => eventId)
  const turns = grouped(answers, ({ turnId }) => turnId)
  return {
    ...summary,
    turns: [...turns].map(([turnId, rows]): Turn => ({
      turnId,
      question: rows[0]!.question,
      answers: rows.map(({ eventId, body }) => ({
        ...body,
        eventId,
        feedback: byTarget(signalsOf.get(eventId) ?? []),
      })),
    })),
  }
}

const byTarget = (signals: readonly SignalRow[]): Answer['feedback'] =>
  Object.fromEntries(
    [...grouped(signals, ({ attachmentId }) => attachmentId)].map(([target, ofTarget]) => [
      target,
      feedbackOf(ofTarget),
    ]),
  )

async function asked(query: Query, visitorId: string, eventId: string): Promise<Asked | null> {
  const rows = await query<Omit<Asked, 'used'> & { body: AnswerBody }>(
    `select a.convo_id as "convoId", a.turn_id as "turnId", a.question, a.body
     from chat.answers a join chat.conversations c on c.convo_id = a.convo_id
     where c.visitor_id = $1 and a.turn_id = (select turn_id from chat.answers where event_id = $2) order by a.position`,
    [visitorId, eventId],
  )
  const [first] = rows
  if (!first) return null
  const used = rows.flatMap(({ body }) => body.sources.map(({ id }) => id))
  return { convoId: first.convoId, turnId: first.turnId, question: first.question, used }
}

async function saveSignal(query: Query, signal: SentSignal): Promise<void> {
  const { signalId, eventId, attachmentId, name, properties, at } = signal
  await query(
    `insert into chat.signals (signal_id, event_id, attachment_id, name, properties, at)
     select $1, event_id, $3, $4, $5::jsonb, $6::timestamptz from chat.answers
     where event_id = $2 and (select count(*) from chat.signals where event_id = $2) < ${limits.signals}
     on conflict (signal_id) do nothing`,
    [signalId, eventId, attachmentId, name, JSON.stringify(storable(properties)), at],
  )
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

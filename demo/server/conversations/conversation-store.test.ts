import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../ingest/database'
import { openPGlite } from '../../ingest/pglite-database'
import { openPostgres } from '../../ingest/postgres-database'
import { findPostgres, startPostgres, type TestPostgres } from '../../ingest/test-postgres'
import { createConversationStore, limits, type ConversationStore } from './conversation-store'

const newAnswer = (change: Partial<Parameters<ConversationStore['begin']>[0]> = {}) => ({
  visitorId: randomUUID(),
  convoId: randomUUID(),
  turnId: randomUUID(),
  eventId: randomUUID(),
  question: 'Why?',
  model: 'extractive',
  ...change,
})

const passage = { id: 'docs/a.md#b', file: 'docs/a.md', title: 'A › B', text: 'Because.' }
const done = { status: 'done' as const, text: 'Because.', sources: [passage], model: 'extractive' }
const vote = (eventId: string, change: object = {}) => ({
  eventId,
  attachmentId: '',
  signalId: randomUUID(),
  name: 'thumbs_up',
  properties: {},
  at: new Date(2026, 0, 1).toISOString(),
  ...change,
})

function storeContract(open: () => Promise<Database>): void {
  let store: ConversationStore
  beforeAll(async () => {
    store = await createConversationStore(await open())
  })
  afterAll(() => store.close())

  it('gives a conversation back as it was, with every answer to a question and what was thought of it', async () => {
    const first = newAnswer()
    const again = { ...first, eventId: randomUUID() }
    const next = { ...first, turnId: randomUUID(), eventId: randomUUID(), question: 'And then?\u0000' }
    for (const answer of [first, again, next]) expect(await store.begin(answer)).toBe(true)
    await store.end(first.eventId, done)
    const down = vote(first.eventId, { name: 'thumbs_down' })
    for (const signal of [
      vote(first.eventId, { at: '2026-03-01T00:00:00Z', properties: { replaces: down.signalId } }),
      down,
      down,
      vote(first.eventId, { attachmentId: passage.id, name: 'thumbs_down' }),
    ])
      await store.saveSignal(signal)

    const conversation = await store.open(first.visitorId, first.convoId)
    expect(conversation?.title).toBe('Why?')
    expect(conversation?.turns.map(({ question, answers }) => [question, answers.length])).toEqual([
      ['Why?', 2],
      ['And then?\uFFFD', 1],
    ])
    expect(conversation?.turns[0]?.answers[0]).toEqual({
      ...done,
      eventId: first.eventId,
      feedback: { '': { vote: 'up' }, [passage.id]: { vote: 'down' } },
    })
    expect(conversation?.turns[1]?.answers[0]).toMatchObject({ status: 'open', text: '', feedback: {} })
    expect(await store.asked(first.visitorId, again.eventId)).toEqual({
      convoId: first.convoId,
      turnId: first.turnId,
      question: 'Why?',
      used: [passage.id],
    })
  })

  it('shows, changes and removes nothing of another visitor', async () => {
    const mine = newAnswer()
    const other = randomUUID()
    await store.begin(mine)
    expect(await store.begin(newAnswer({ convoId: mine.convoId, visitorId: other }))).toBe(false)
    expect(await store.open(other, mine.convoId)).toBeNull()
    expect(await store.asked(other, mine.eventId)).toBeNull()
    await store.remove(other, mine.convoId)
    expect(await store.list(other)).toEqual([])
    expect(await store.list(mine.visitorId)).toEqual([{ convoId: mine.convoId, title: 'Why?' }])
  })

  it('forgets a conversation with all that belongs to it, and signals that come too late', async () => {
    const answer = newAnswer()
    await store.begin(answer)
    await store.saveSignal(vote(answer.eventId))
    await store.remove(answer.visitorId, answer.convoId)
    expect(await store.open(answer.visitorId, answer.convoId)).toBeNull()
    await store.saveSignal(vote(answer.eventId))
  })

  it('lets the oldest conversation of a visitor give way', async () => {
    const visitorId = randomUUID()
    const all = Array.from({ length: limits.conversations + 1 }, () => newAnswer({ visitorId }))
    for (const answer of all) await store.begin(answer)
    const kept = (await store.list(visitorId)).map(({ convoId }) => convoId)
    expect(kept).toHaveLength(limits.conversations)
    expect(kept).not.toContain(all[0]?.convoId)
    expect(kept[0]).toBe(all.at(-1)?.convoId)
  })
}

describe('on PGlite', () => storeContract(() => openPGlite()))

const binaries = findPostgres()

describe.skipIf(!binaries)('on PostgreSQL', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres(binaries!)
  })
  afterAll(() => postgres?.stop())

  storeContract(() => openPostgres(postgres.connectionString))

  it('is made once by servers that start at the same moment', async () => {
    const databases = await Promise.all([1, 2, 3].map(() => openPostgres(postgres.connectionString)))
    await databases[0]?.query('drop schema chat cascade')
    const stores = await Promise.all(databases.map(createConversationStore))
    expect(await stores[2]?.list(randomUUID())).toEqual([])
    await Promise.all(stores.map((store) => store.close()))
  })
})

import type { IngestRecord } from 'raindrop-js/testing'
import type { Database } from './database'
import type { EventFilter } from './event-filter'
import { migrate } from './migrations'
import { listConversations, type ConversationPage } from './read-conversations'
import {
  listEvents,
  readEvent,
  readStored,
  readSummaries,
  type EventDetail,
  type EventPage,
  type EventSummary,
  type ListOptions,
  type StoredEvent,
} from './read-events'
import { readFacets, type Facets } from './read-facets'
import { readOverview, type Overview, type Range } from './read-overview'
import { saveBuckets } from './save-buckets'
import { saveEvents } from './save-events'
import { saveSpans, saveUsers } from './save-records'
import { settleSignals, saveSignals } from './save-signals'
import { storableRecord } from './storable'
import { createTextIndex } from './text-index'

export interface EventStore {
  /** Resolves once all of it is committed. Repeats change nothing. */
  ingest(records: readonly IngestRecord[]): Promise<void>
  /** Newest first, by first arrival. */
  list(options: ListOptions): Promise<EventPage>
  conversations(options: { before?: string; limit: number; user?: string }): Promise<ConversationPage>
  overview(range: Range): Promise<Overview>
  facets(): Promise<Facets>
  summaries(eventIds: readonly string[]): Promise<EventSummary[]>
  get(eventId: string): Promise<EventDetail | null>
  /** Page by page, newest first, as far as the reader goes. */
  export(filter: EventFilter): AsyncIterable<StoredEvent[]>
  /** Calls with the ids that changed, whichever process changed them; with null when some changes went unheard. */
  onChange(listener: (eventIds: readonly string[] | null) => void): Promise<void>
  /** Resolves once everything stored so far is found by its words. It is without this too, moments later. */
  indexed(): Promise<void>
  close(): Promise<void>
}

const channel = 'raindrop_ingest'

export async function createEventStore(database: Database): Promise<EventStore> {
  await migrate(database)
  const texts = createTextIndex(database, (error) => console.error('ingest: the text index waits', error))
  const [left] = await database.query('select 1 from text_queue limit 1')
  if (left) texts.wake()
  return {
    async ingest(records) {
      await ingest(database, records)
      texts.wake()
    },
    list: (options) => listEvents(database, options),
    conversations: (options) => listConversations(database.query, options),
    overview: (range) => readOverview(database.query, range),
    facets: () => readFacets(database.query),
    summaries: (eventIds) => readSummaries(database.query, eventIds),
    get: (eventId) => readEvent(database.query, eventId),
    export: (filter) => exportEvents(database, filter),
    onChange: (listener) =>
      database.listen(channel, (payload) => listener(payload === '*' ? null : JSON.parse(payload))),
    indexed: () => texts.drain(),
    async close() {
      await texts.close()
      await database.close()
    },
  }
}

async function ingest(database: Database, records: readonly IngestRecord[]): Promise<void> {
  const clean = records.map(storableRecord)
  const changed = await database.transaction(async (query) => {
    const events = await saveEvents(query, clean)
    const signals = await saveSignals(query, clean)
    await saveUsers(query, clean)
    const traced = await saveSpans(query, clean)
    await saveBuckets(query, [...events.contributions, ...signals.contributions])
    const ids = [...new Set([...events.changed, ...signals.changed])]
    for (const payload of payloads([...new Set([...ids, ...traced])]))
      await query('select pg_notify($1, $2)', [channel, payload])
    return ids
  })
  await settleSignals(database, changed)
}

/** A notification may have 8,000 bytes. An id that is too long for one is announced as "something changed". */
function payloads(eventIds: readonly string[]): string[] {
  const result: string[] = []
  for (let at = 0; at < eventIds.length; at += 50) {
    const payload = JSON.stringify(eventIds.slice(at, at + 50))
    result.push(Buffer.byteLength(payload) < 8_000 ? payload : '*')
  }
  return result
}

const exportPage = 100

async function* exportEvents(database: Database, filter: EventFilter): AsyncGenerator<StoredEvent[]> {
  let before: string | undefined
  do {
    const page = await listEvents(database, { limit: exportPage, filter, ...(before && { before }) })
    yield await readStored(database.query, { eventIds: page.events.map(({ eventId }) => eventId) })
    before = page.nextCursor ?? undefined
  } while (before !== undefined)
}

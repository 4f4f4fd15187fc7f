import type { Database, Query } from './database'
import { conditions, type EventFilter } from './event-filter'
import { wordQuery, wordsOf } from './text-index'

interface FindOptions {
  before?: string
  limit: number
  filter?: EventFilter
}

/** Above every position, so that the first page is a page like any other. */
const newest = '9223372036854775807'
/** A word with more hits than this is common enough to be met soon on the way from the newest to the oldest. */
const fewHits = 3_000
/** Of what waits for the text index only the newest is looked through: after a long burst it is much. */
const lookedThrough = 300

/** The places of a page in the order of arrival, newest first. Found by index alone, whatever the filter. */
export async function findPositions(database: Database, options: FindOptions): Promise<string[]> {
  const { limit, filter = {} } = options
  const { text } = filter
  if (text === undefined) return find(database.query, options, 'events e')

  const words = wordQuery(text)
  const found = [await find(database.query, options, 'events e', { sql: (id) => `e.event_id = ${id}`, value: text })]
  if (words !== null) {
    found.push(await findWords(database, options, words), await findUnindexed(database.query, options, words))
  }
  return [...new Set(found.flat())].sort((a, b) => Number(b) - Number(a)).slice(0, limit)
}

interface Condition {
  sql: (placeholder: string) => string
  value: unknown
}

async function find(query: Query, options: FindOptions, from: string, extra?: Condition): Promise<string[]> {
  const { before = newest, limit, filter = {} } = options
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const where = [
    `e.position < ${parameter(before)}::bigint`,
    ...conditions(filter, parameter),
    ...(extra ? [extra.sql(parameter(extra.value))] : []),
  ]
  const rows = await query<{ position: string }>(
    `select e.position::text as position from ${from} where ${where.join(' and ')} order by e.position desc limit ${limit}`,
    values,
  )
  return rows.map(({ position }) => position)
}

/**
 * Two plans suit two kinds of words, and the planner cannot tell them apart: it has no statistics of the beginnings of words. So the index
 * is asked first for as many hits as a rare word has.
 */
async function findWords(database: Database, options: FindOptions, words: string): Promise<string[]> {
  const hits = await database.transaction(async (query) => {
    // What is left is the text index.
    await query('set local enable_seqscan = off')
    await query('set local enable_indexscan = off')
    return query<{ position: string }>(
      `select position::text from event_words where words @@ $1::tsquery and position < $2::bigint limit ${fewHits + 1}`,
      [words, options.before ?? newest],
    )
  })
  if (hits.length > fewHits) {
    return find(database.query, options, 'event_words w join events e using (position)', {
      sql: (placeholder) => `w.words @@ ${placeholder}::tsquery`,
      value: words,
    })
  }
  const positions = hits.map(({ position }) => position)
  return positions.length === 0
    ? []
    : find(database.query, options, 'events e', {
        sql: (placeholder) => `e.position = any(${placeholder}::bigint[])`,
        value: positions,
      })
}

const findUnindexed = (query: Query, options: FindOptions, words: string) =>
  find(
    query,
    options,
    `(select distinct position from (select position from text_queue order by position desc limit ${lookedThrough}) newest) q join events e using (position)`,
    { sql: (placeholder) => `${wordsOf('e')} @@ ${placeholder}::tsquery`, value: words },
  )

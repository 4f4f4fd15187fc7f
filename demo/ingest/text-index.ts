import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from './database'

/** Characters of input and of output that are searched. A tsvector has a limit of 1 MiB, and nobody looks for the rest by its words. */
const searched = 8_000
const batch = 200
/** Ingest comes first: between two batches it gets its turn, and during a burst the index waits, but not for ever. */
const quietMs = 250
const mostMs = 5_000

/** Between words. Without it the parser would keep `docs/streams.md` as one word that nobody finds by "streams". */
const marks = `!"#$%&()*+,-./:;<=>?@[]^_{|}~\`\\`

/** SQL: the words of an event's texts. */
export const wordsOf = (event: string) => {
  const text = (name: string) => `left(coalesce(${event}.body->'ai_data'->>'${name}', ''), ${searched})`
  return `strip(to_tsvector('simple', translate(${text('input')} || ' ' || ${text('output')}, '${marks}', '${' '.repeat(marks.length)}')))`
}

/** Every word of the query, each of them as the beginning of one; null where the query has no word. */
export function wordQuery(text: string): string | null {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  return words.length === 0
    ? null
    : words
        .slice(0, 16)
        .map((word) => `'${word}':*`)
        .join(' & ')
}

export interface TextIndex {
  /** Something was queued: index it once it is quiet. */
  wake(): void
  /** Resolves once all that is queued is indexed. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** Moves events from `text_queue` into `event_words`. Several processes may do it at once: each takes what no other holds. */
export function createTextIndex(database: Database, onError: (error: unknown) => void): TextIndex {
  let timer: NodeJS.Timeout | undefined
  let waitingSince: number | undefined
  let lastWake = -quietMs
  let running: Promise<void> = Promise.resolve()
  let isClosed = false
  let moves = 0
  let upkept = 0

  const work = async () => {
    for (let moved = batch; moved === batch && !isClosed;) {
      const from = performance.now()
      moved = await moveBatch(database)
      moves += moved
      // While more comes in, half of the time at most; else another turn of the event loop is enough, for readers that wait.
      const isBusy = performance.now() - lastWake < quietMs
      await delay(isBusy ? performance.now() - from : 0)
    }
    if (database.kind === 'postgres' || isClosed) return
    if (moves > 500) await database.query('vacuum text_queue')
    if (moves > 500 && moves > upkept / 5) await upkeep(database)
    else return
    upkept += moves
    moves = 0
  }
  const run = () => (running = running.then(work).catch((error: unknown) => void (isClosed || onError(error))))

  return {
    wake() {
      if (isClosed) return
      clearTimeout(timer)
      lastWake = performance.now()
      waitingSince ??= lastWake
      timer = setTimeout(
        () => {
          waitingSince = undefined
          void run()
        },
        Math.min(quietMs, Math.max(0, waitingSince + mostMs - performance.now())),
      )
      timer.unref()
    },
    drain: () => run(),
    async close() {
      isClosed = true
      clearTimeout(timer)
      await running
    },
  }
}

const moveBatch = (database: Database) =>
  database.transaction(async (query) => {
    const rows = await query<{ position: string }>(
      `delete from text_queue where ctid = any(array(select ctid from text_queue limit ${batch} for update skip locked)) returning position::text`,
    )
    if (rows.length > 0) {
      await query(
        `insert into event_words (position, words)
         select e.position, ${wordsOf('e')} from events e where e.position = any($1::bigint[]) order by e.position
         on conflict (position) do update set words = excluded.words`,
        [[...new Set(rows.map(({ position }) => position))]],
      )
    }
    return rows.length
  })

/**
 * A real Postgres has autovacuum for it. Without, the planner knows nothing of the tables, and what was deleted is read again and again.
 * Each time the store has grown by a fifth, so that it costs the same for each event.
 */
async function upkeep({ query }: Database): Promise<void> {
  // A tenth of the usual sample: enough for these few columns, and PGlite answers nobody meanwhile.
  await query('set default_statistics_target = 10')
  for (const table of ['events', 'event_words', 'signals', 'spans', 'text_queue', 'buckets']) {
    await query(`vacuum (analyze) ${table}`)
  }
}

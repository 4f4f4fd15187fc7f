// node bench/inspector.mjs [--events=100000] [--repeats=9]
// Fills an ingest on PGlite and prints how long the inspector's requests take: over HTTP, from the request to the last byte. Exits with 1
// where one is over its target.
import { parseArgs } from 'node:util'
import { machine } from './harness/report.mjs'
import { commonWord, postAll, rareWord, wireEvent, wireSignal } from './ingest-events.mjs'
import { startDatabase, startIngest } from './ingest-process.mjs'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    repeats: { type: 'string', default: '9' },
    postgres: { type: 'boolean', default: false },
  },
})
const [events, repeats] = [Number(values.events), Number(values.repeats)]
const BATCH = 200
const FIRST_PAGE_MS = 300
const FILTER_MS = 500

const batches = (count, make) =>
  Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) =>
    JSON.stringify(Array.from({ length: Math.min(BATCH, count - batch * BATCH) }, (_, at) => make(batch * BATCH + at))),
  )

async function fill(url) {
  const chunk = 10_000
  for (let first = 0; first < events; first += chunk) {
    const count = Math.min(chunk, events - first)
    const sentAt = (number) => new Date(Date.now() - (events - number) * 50)
    await postAll(
      `${url}/v1/events/track`,
      batches(count, (at) => wireEvent(first + at, sentAt(first + at))),
      4,
    )
    process.stderr.write(`\r${first + count} of ${events} events   `)
  }
  await postAll(
    `${url}/v1/signals/track`,
    batches(events / 10, (at) => wireSignal(at * 10)),
    4,
  )
  process.stderr.write('\n')
}

const pages = [
  ['Events, first page', '/api/events', FIRST_PAGE_MS],
  ['Conversations, first page', '/api/conversations', FIRST_PAGE_MS],
  ['Overview, 24 hours', '/api/overview?range=24h', FIRST_PAGE_MS],
  ['Overview, everything', '/api/overview?range=all', FIRST_PAGE_MS],
  ['One event', `/api/events/bench-${Math.floor(events / 2)}`, FIRST_PAGE_MS],
  ['What can be chosen in filters', '/api/facets', FIRST_PAGE_MS],
  ['The page in the middle', `/api/events?before=${Math.floor(events / 2)}`, FILTER_MS],
  ['By user', '/api/events?user=user_42', FILTER_MS],
  ['By conversation', '/api/events?convo=conversation_42', FILTER_MS],
  ['By event name, common', '/api/events?name=search', FILTER_MS],
  ['By event name, there is none', '/api/events?name=nothing', FILTER_MS],
  ['By model', '/api/events?model=gpt-5', FILTER_MS],
  ['By signal', '/api/events?signal=thumbs_down', FILTER_MS],
  ['By signal, there is none', '/api/events?signal=nothing', FILTER_MS],
  ['Failed', '/api/events?state=failed', FILTER_MS],
  ['Open, there is none', '/api/events?state=open', FILTER_MS],
  ['By text, in nearly every event', `/api/events?text=${commonWord}`, FILTER_MS],
  ['By text, rare word', `/api/events?text=${rareWord}`, FILTER_MS],
  ['By text, in one event', '/api/events?text=unique4242', FILTER_MS],
  ['By text, beginning of many words', '/api/events?text=unique', FILTER_MS],
  ['By text, two letters', '/api/events?text=ra', FILTER_MS],
  ['By text, in none', '/api/events?text=nothingatall', FILTER_MS],
  ['By text and user', `/api/events?text=${commonWord}&user=user_42`, FILTER_MS],
  ['By text, model and signal', `/api/events?text=${commonWord}&model=gpt-5&signal=thumbs_down`, FILTER_MS],
  ['By signal and user', '/api/events?signal=thumbs_up&user=user_40', FILTER_MS],
  ['Conversations of a user', '/api/conversations?user=user_42', FILTER_MS],
]

async function timeOf(url) {
  const from = performance.now()
  const response = await fetch(url)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${text}`)
  return performance.now() - from
}

/** The text index follows the events; it is there once a word of the oldest and one of the newest are found. */
async function indexed(ingest) {
  for (let idle = 0, last = ingest.cpuSeconds(); idle < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const now = ingest.cpuSeconds()
    idle = now - last > 0.04 ? 0 : idle + 1
    last = now
  }
}

const database = values.postgres ? await startDatabase() : undefined
const ingest = await startIngest(database ? { DATABASE_URL: database.connectionString } : {})
let missed = 0
try {
  const from = performance.now()
  await fill(ingest.url())
  const filled = performance.now()
  await indexed(ingest)
  const ready = performance.now()
  console.log(`${machine()}; ${database ? 'PostgreSQL' : 'PGlite on disk'}, ${events} events, ${events / 10} signals`)
  console.log(
    `filled in ${((filled - from) / 1_000).toFixed(0)} s, text index complete ${((ready - filled) / 1_000).toFixed(0)} s later`,
  )
  if (!database) console.log(`on disk: ${(ingest.bytes() / events / 1_024).toFixed(1)} KB for each event`)
  const restart = performance.now()
  await ingest.restart()
  console.log(`restarted in ${((performance.now() - restart) / 1_000).toFixed(1)} s\n`)

  console.log('| request | first, after a restart | median | worst | target | met |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const [name, path, most] of pages) {
    const times = []
    const first = await timeOf(`${ingest.url()}${path}`)
    for (let at = 0; at < repeats; at += 1) times.push(await timeOf(`${ingest.url()}${path}`))
    times.sort((a, b) => a - b)
    const median = times[Math.floor(times.length / 2)]
    const isMet = median < most && first < most
    if (!isMet) missed += 1
    const ms = (time) => `${time.toFixed(0)} ms`
    console.log(
      `| ${name} | ${ms(first)} | ${ms(median)} | ${ms(times.at(-1))} | < ${most} ms | ${isMet ? 'yes' : 'no'} |`,
    )
  }
} finally {
  await ingest.stop()
  await database?.stop()
}
if (missed > 0) process.exitCode = 1

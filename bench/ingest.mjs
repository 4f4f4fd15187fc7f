// node bench/ingest.mjs [--events=20000] [--rounds=3]
// How many events of 2 KB a second one ingest process takes over HTTP, each batch answered after its commit: into PGlite, and into a
// PostgreSQL where this machine has one. Exits with 1 where neither reaches its target.
import { parseArgs } from 'node:util'
import { machine } from './harness/report.mjs'
import { postAll, wireEvent } from './ingest-events.mjs'
import { startDatabase, startIngest } from './ingest-process.mjs'

const { values } = parseArgs({
  options: { events: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
})
const [events, rounds] = [Number(values.events), Number(values.rounds)]
const BATCH = 100

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

function bodies(first) {
  return Array.from({ length: events / BATCH }, (_, batch) =>
    JSON.stringify(Array.from({ length: BATCH }, (_, at) => wireEvent(first + batch * BATCH + at))),
  )
}

async function measure(name, target, env, atOnce) {
  const ingest = await startIngest(env)
  try {
    const rates = []
    const perCpu = []
    for (let round = 0; round < rounds + 1; round += 1) {
      const prepared = bodies(round * events)
      // The text index of the round before must not run into this one.
      await settled(ingest)
      const cpu = ingest.cpuSeconds()
      const from = performance.now()
      await postAll(`${ingest.url()}/v1/events/track`, prepared, atOnce)
      const seconds = (performance.now() - from) / 1_000
      // The first round compiles and warms up.
      if (round === 0) continue
      rates.push(events / seconds)
      perCpu.push(events / (ingest.cpuSeconds() - cpu))
    }
    const from = performance.now()
    await settled(ingest)
    const seconds = ((performance.now() - from) / 1_000).toFixed(1)
    const rate = Math.round(median(rates))
    console.log(
      `| ${name} | ${rate} (${Math.round(Math.min(...rates))}–${Math.round(Math.max(...rates))}) | ≥ ${target} | ${rate >= target ? 'yes' : 'no'} | ${Math.round(median(perCpu))} | ${seconds} s |`,
    )
    return rate >= target
  } finally {
    await ingest.stop()
  }
}

/** Resolves once the process uses next to no CPU: what it did besides is done. */
async function settled(ingest) {
  for (let idle = 0, last = ingest.cpuSeconds(); idle < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 400))
    const now = ingest.cpuSeconds()
    idle = now - last > 0.04 ? 0 : idle + 1
    last = now
  }
}

console.log(`${machine()}; ${events} events in batches of ${BATCH}, ${rounds} rounds\n`)
console.log(
  '| into | events/s, median (range) | target | met | events per CPU second of the ingest | text index behind by |',
)
console.log('| --- | --- | --- | --- | --- | --- |')
const met = [await measure('PGlite, on disk', 3_000, {}, 4)]
const database = await startDatabase()
if (database) {
  try {
    met.push(await measure('PostgreSQL', 5_000, { DATABASE_URL: database.connectionString }, 8))
  } finally {
    await database.stop()
  }
} else {
  console.log('| PostgreSQL | not here (Debian: apt-get install postgresql) | | | | |')
}
if (!met.includes(true)) process.exitCode = 1

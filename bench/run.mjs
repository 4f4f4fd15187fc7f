// node bench/run.mjs [--only=caller|process|memory|import] [--rounds=9]
import { parseArgs } from 'node:util'
import { figureTable, machine, standingsTable, writeReadme } from './harness/report.mjs'
import { measureInRounds } from './harness/rounds.mjs'
import { startSink } from './harness/start-sink.mjs'
import { callerPart } from './parts/caller.mjs'
import { cjsPart, esmPart } from './parts/import.mjs'
import { burstMemoryPart, outagePart, pacedMemoryPart } from './parts/memory.mjs'
import { batchesPart, defaultsPart } from './parts/process.mjs'
import { ensurePeers } from './peers.mjs'

/** Fewer say too little: they are printed, never kept. */
const ROUNDS = 9
const PARTS = {
  caller: [callerPart],
  process: [defaultsPart, batchesPart],
  memory: [pacedMemoryPart, burstMemoryPart, outagePart],
  import: [esmPart, cjsPart],
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, rounds: { type: 'string', default: `${ROUNDS}` } },
})
const rounds = Number(values.rounds)
const chosen = values.only === undefined ? Object.keys(PARTS) : values.only.split(',')
if (!(rounds >= 1) || chosen.some((name) => !(name in PARTS))) {
  console.error(`Usage: node bench/run.mjs [--only=${Object.keys(PARTS).join('|')}] [--rounds=${ROUNDS}]`)
  process.exit(1)
}

ensurePeers()
const sink = await startSink()
const figures = []
const standings = []
try {
  for (const name of chosen) {
    for (const createPart of PARTS[name]) {
      const part = createPart(sink)
      const most = Math.max(rounds, rounds >= ROUNDS ? (part.minimumRounds ?? 0) : 0)
      const results = await measureInRounds(part.measurements, most, (round) => {
        process.stderr.write(`\r${name}: round ${round} of ${most}   `)
      })
      process.stderr.write('\n')
      const found = part.figures(results)
      console.log(`\n${figureTable(found)}\n`)
      figures.push(...found)
      standings.push(part.standings(results))
    }
  }
} finally {
  sink.close()
}

const tables = standings.map(standingsTable).join('\n\n')
if (chosen.length === Object.keys(PARTS).length && rounds >= ROUNDS) {
  writeReadme(`${machine()}, ${rounds} rounds.\n\n${figureTable(figures)}\n\n### All contestants\n\n${tables}`)
} else {
  console.log(
    `${tables}\n\n${machine()}, ${rounds} rounds. Not kept: only a whole run of at least ${ROUNDS} rounds is.`,
  )
}

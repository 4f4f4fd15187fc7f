// node bench/browser/run.mjs [--only=size|calls|process|ours|faults] [--contestants=…] [--rounds=9] [--at-once=3]
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { machine } from '../harness/report.mjs'
import { measureInRounds } from '../harness/rounds.mjs'
import { sizeOf } from './bundle.mjs'
import { CONTESTANTS, FLOOR, OURS } from './contestants.mjs'
import { findChromium } from './find-chromium.mjs'
import { keep, readKept } from './kept.mjs'
import { measureCalls } from './parts/call.mjs'
import { FAULTS, runFault } from './parts/faults.mjs'
import { measureBacklog, measureLongTasks } from './parts/ours.mjs'
import { measureProcess } from './parts/process.mjs'
import { ensurePeers } from './peers.mjs'
import { renderReport, writeReadme } from './report.mjs'
import { startSite } from './site.mjs'

/** Fewer say too little: they are printed, never kept. A part that was kept need not be measured again for the tables. */
const ROUNDS = 9
/** Whole figures of ours, each a minute or so. */
const OWN_ROUNDS = 3
const PARTS = ['size', 'calls', 'process', 'ours', 'faults']

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join() },
    contestants: { type: 'string', default: CONTESTANTS.join() },
    rounds: { type: 'string', default: `${ROUNDS}` },
    'at-once': { type: 'string', default: '3' },
  },
})
const parts = values.only.split(',')
const contestants = values.contestants.split(',')
const rounds = Number(values.rounds)
const atOnce = Number(values['at-once'])
if (
  !(rounds >= 1) ||
  !(atOnce >= 1) ||
  parts.some((part) => !PARTS.includes(part)) ||
  contestants.some((name) => !CONTESTANTS.includes(name))
) {
  console.error(
    `Usage: node bench/browser/run.mjs [--only=${PARTS.join()}] [--contestants=${CONTESTANTS.join()}] [--rounds=${ROUNDS}] [--at-once=3]`,
  )
  process.exit(1)
}

const isWhole = contestants.length === CONTESTANTS.length && rounds >= ROUNDS

/** Figures mean nothing without it. The load is that of the last five minutes. */
function conditions() {
  const [, load] = loadavg()
  return `${machine()}, ${rounds} rounds, load ${load.toFixed(1)}`
}

const say = (text) => process.stderr.write(`\r${text.padEnd(60)}`)

async function runFaults(options) {
  const cells = contestants.flatMap((name) => Object.keys(FAULTS).map((fault) => ({ fault, name })))
  const results = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, {}]))
  let taken = 0
  // Nothing of these is timed: browsers may run beside each other.
  async function work() {
    while (taken < cells.length) {
      const { fault, name } = cells[taken++]
      say(`faults: ${taken} of ${cells.length}, ${name}: ${FAULTS[fault].title}`)
      results[fault][name] = await runFault(fault, name, options).catch((error) => {
        console.error(`\n${name}, ${FAULTS[fault].title}: ${error.message}`)
        return { failed: true }
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}

async function runOurs(options) {
  const { longTasks, floorTasks, backlog } = await measureInRounds(
    {
      longTasks: () => measureLongTasks(OURS, options),
      floorTasks: () => measureLongTasks(FLOOR, options),
      backlog: () => measureBacklog(options),
    },
    Math.min(rounds, OWN_ROUNDS),
    (round) => say(`ours: round ${round}`),
  )
  return { longTasks, floorTasks, backlog }
}

async function runSizes() {
  const entries = await Promise.all(contestants.map(async (name) => [name, await sizeOf(name)]))
  return Object.fromEntries(entries)
}

function runProcess(options) {
  const names = [FLOOR, ...contestants]
  const measurements = Object.fromEntries(names.map((name) => [name, () => measureProcess(name, options)]))
  return measureInRounds(measurements, rounds, (round) => say(`process: round ${round} of ${rounds}`))
}

const runners = {
  size: runSizes,
  calls: (options) =>
    measureCalls({ ...options, rounds, contestants, onRound: (round) => say(`calls: round ${round}`) }),
  process: runProcess,
  ours: runOurs,
  faults: runFaults,
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
// A browser for each measurement under way.
process.setMaxListeners(50)

ensurePeers()
const chromiumPath = findChromium()
const site = await startSite()
const results = {}
try {
  for (const part of PARTS.filter((name) => parts.includes(name))) {
    results[part] = await runners[part]({ site, chromiumPath })
    process.stderr.write('\n')
    console.log(`\n${renderReport({ [part]: results[part] }, contestants)}\n`)
    if (isWhole) keep(part, conditions(), results[part])
  }
} finally {
  site.close()
}

const kept = readKept()
if (isWhole && PARTS.every((part) => part in kept)) {
  const measured = PARTS.map((part) => `- ${part}: ${kept[part].conditions}`).join('\n')
  const last = Object.fromEntries(PARTS.map((part) => [part, kept[part].results]))
  const report = `${measured}\n\n${renderReport(last)}`
  writeReadme(report)
  console.log(report)
} else {
  console.log(`README untouched: it takes at least ${ROUNDS} rounds of all contestants, in every part.`)
}

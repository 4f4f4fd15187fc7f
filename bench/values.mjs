// What a snapshot costs on the caller's turn, beside what else could take it. Run: node bench/values.mjs
import { build } from 'esbuild'

const ROUNDS = 15
const CALLS = 40_000

const text = 'The quick brown fox jumps over the lazy dog, and then asks what the weather will be like. '
const properties = {
  plan: 'paid',
  locale: 'en-GB',
  retries: 2,
  temperature: 0.7,
  cached: false,
  tags: ['support', 'billing', 'beta'],
  usage: { prompt_tokens: 812, completion_tokens: 221, cost: 0.00231 },
  retrieval: [
    { id: 'doc_1', score: 0.91, title: 'Refunds and cancellations', passage: text.repeat(5) },
    { id: 'doc_2', score: 0.87, title: 'How billing works', passage: text.repeat(5) },
    { id: 'doc_3', score: 0.52, title: 'Contact', passage: text.repeat(5) },
  ],
  request: { path: '/api/chat', method: 'POST', status: 200, region: 'fra1', error: null },
}

/** The floor: copies plain JSON, converts nothing, checks nothing. */
function clone(value) {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = []
    for (let i = 0; i < value.length; i++) items.push(clone(value[i]))
    return items
  }
  const fields = {}
  for (const key of Object.keys(value)) fields[key] = clone(value[key])
  return fields
}

/** The same, with the one check that plain JSON needs too: that texts and names are well-formed. */
function checkedClone(value) {
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = []
    for (let i = 0; i < value.length; i++) items.push(checkedClone(value[i]))
    return items
  }
  const fields = {}
  for (const key of Object.keys(value)) fields[wellFormed(key)] = checkedClone(value[key])
  return fields
}
const wellFormed = (text) => (text.isWellFormed() ? text : text.toWellFormed())

const source = new URL('../src/core/values.ts', import.meta.url).pathname
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: 'esm', write: false })
const { toJson } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)

const candidates = {
  toJson: () => toJson(properties),
  'toJson (again, control)': () => toJson(properties),
  'hand-written clone': () => clone(properties),
  'hand-written clone (again, control)': () => clone(properties),
  'hand-written clone, well-formed': () => checkedClone(properties),
  structuredClone: () => structuredClone(properties),
  'JSON.parse(JSON.stringify)': () => JSON.parse(JSON.stringify(properties)),
  'JSON.stringify': () => JSON.stringify(properties),
}

const times = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]))
let kept
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(candidates)) {
    const before = process.cpuUsage()
    for (let i = 0; i < CALLS; i++) kept = run()
    const { user, system } = process.cpuUsage(before)
    // The first two rounds warm up.
    if (round >= 0) times[name].push((user + system) / CALLS)
  }
}

const floor = summary(times['hand-written clone']).median
console.log(
  `${JSON.stringify(properties).length} characters, ${ROUNDS} rounds of ${CALLS}, CPU time, ${kept ? process.version : ''}`,
)
for (const [name, values] of Object.entries(times)) {
  const { median, least, most } = summary(values)
  console.log(
    `${name.padEnd(36)} ${median.toFixed(2)} µs (${least.toFixed(2)}–${most.toFixed(2)})  ${(median / floor).toFixed(2)} × clone`,
  )
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: sorted[sorted.length >> 1], least: sorted[0], most: sorted.at(-1) }
}

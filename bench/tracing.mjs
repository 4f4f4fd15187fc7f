// What a span costs, beside the bare call and beside the OpenTelemetry SDK alone. Run: node bench/tracing.mjs (after npm run build)
import { context, trace } from '@opentelemetry/api'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { AlwaysOnSampler, BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { Raindrop } from 'raindrop-js'
import { createTracing } from 'raindrop-js/tracing'

const ROUNDS = 15
const CALLS_OFF = 200_000
const CALLS_ON = 4_000
const TOLD_OFF_US = 0.5
const TOLD_RATIO = 1.3

const input = { query: 'traceloop entity_method documentation', filters: { lang: 'en', limit: 5 } }
const output = {
  urls: ['https://docs.example.com/api', 'https://blog.example.com/tutorial'],
  passage: 'The entity_method decorator allows '.repeat(12),
}
const tool = () => output

const answer = () => new Response(null, { status: 204 })
const clients = []
function client(options) {
  const raindrop = new Raindrop({
    writeKey: 'bench',
    localDebugger: false,
    maxQueueSize: 100_000,
    uploadSize: 100,
    fetch: async () => answer(),
    ...options,
  })
  clients.push(raindrop)
  const interaction = raindrop.begin({ event: 'chat', userId: 'user_1', convoId: 'convo_1', eventId: 'event_1' })
  return { raindrop, interaction }
}
const off = client({})
const on = client({ tracing: createTracing() })
const through = client({ tracing: createTracing({ bypassOtelForTools: false }) })

/** The same span, with its context, attributes, JSON and batches of 100, by the SDK and the official serialiser. */
const batches = new BatchSpanProcessor(
  {
    export(spans, done) {
      JsonTraceSerializer.serializeRequest(spans)
      done({ code: 0 })
    },
    shutdown: async () => undefined,
  },
  { maxExportBatchSize: 100, maxQueueSize: 100_000, scheduledDelayMillis: 20 },
)
const provider = new NodeTracerProvider({ sampler: new AlwaysOnSampler(), spanProcessors: [batches] })
provider.register()
const tracer = trace.getTracer('bench')
function otelAlone() {
  return tracer.startActiveSpan('search', (span) => {
    const started = performance.now()
    span.setAttribute('traceloop.entity.input', JSON.stringify(input))
    const result = tool()
    span.setAttributes({
      'traceloop.span.kind': 'tool',
      'ai.operationId': 'ai.toolCall',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.type': 'function',
      'traceloop.entity.name': 'search',
      'ai.toolCall.name': 'search',
      'gen_ai.tool.name': 'search',
      'traceloop.entity.output': JSON.stringify(result),
      'traceloop.entity.duration_ms': Math.round(performance.now() - started),
      'traceloop.association.properties.event_id': 'event_1',
      'traceloop.association.properties.user_id': 'user_1',
      'traceloop.association.properties.event_name': 'chat',
      'traceloop.association.properties.convo_id': 'convo_1',
      'ai.telemetry.metadata.raindrop.eventId': 'event_1',
      'gen_ai.conversation.id': 'convo_1',
    })
    span.setStatus({ code: 1 })
    span.end()
    return result
  })
}
const traced = ({ interaction }) => interaction.withTool('search', (span) => (span.recordInput(input), tool()))

const nothing = async () => undefined
const offContestants = {
  'bare call': { run: tool, settle: nothing },
  'bare call (again, control)': { run: tool, settle: nothing },
  'withTool, tracing off': { run: () => off.raindrop.withTool('search', tool), settle: nothing },
}
const flushed = ({ raindrop }) => raindrop.flush()
const onContestants = {
  'OpenTelemetry SDK alone': { run: otelAlone, settle: () => batches.forceFlush() },
  'OpenTelemetry SDK alone (again, control)': { run: otelAlone, settle: () => batches.forceFlush() },
  'withTool, tracing on': { run: () => traced(on), settle: () => flushed(on) },
  'withTool, through the SDK (bypassOtelForTools: false)': {
    run: () => traced(through),
    settle: () => flushed(through),
  },
}

const cpu = (before) => {
  const { user, system } = process.cpuUsage(before)
  return user + system
}
let kept
/** CPU of the calls alone, and with all that follows until the spans are sent. */
async function measure(contestants, calls) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, { call: [], whole: [] }]))
  const names = Object.keys(contestants)
  for (let round = -3; round < ROUNDS; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round + names.length * 3) % names.length]
      const { run, settle } = contestants[name]
      const before = process.cpuUsage()
      for (let n = 0; n < calls; n++) kept = run()
      const call = cpu(before)
      await settle()
      // The first rounds warm up.
      if (round < 0) continue
      times[name].call.push(call / calls)
      times[name].whole.push(cpu(before) / calls)
    }
  }
  return times
}

const middle = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)]
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}
const show = ({ median, low, high }, digits = 2) =>
  `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
const ratios = (times, name, base, part) =>
  middle(times[name][part].map((time, round) => time / times[base][part][round]))

const offTimes = await measure(offContestants, CALLS_OFF)
const onTimes = await measure(onContestants, CALLS_ON)
await Promise.all(clients.map((raindrop) => raindrop.shutdown()))
await provider.shutdown()
context.disable()

console.log(
  `${process.version}, ${ROUNDS} interleaved rounds, CPU µs per call, median (quartiles). ${kept ? '' : ''}\n`,
)
for (const [name, { call }] of Object.entries(offTimes)) console.log(`${name.padEnd(54)} ${show(middle(call), 3)}`)
const overBare = middle(
  offTimes['withTool, tracing off'].call.map((time, round) => time - offTimes['bare call'].call[round]),
)
console.log(`\ntracing off, over the bare call: ${show(overBare, 3)} µs (told: ≤ ${TOLD_OFF_US})\n`)
const base = 'OpenTelemetry SDK alone'
for (const [name, { call, whole }] of Object.entries(onTimes)) {
  console.log(
    `${name.padEnd(54)} call ${show(middle(call))}, until sent ${show(middle(whole))}; × SDK: ${show(ratios(onTimes, name, base, 'call'))}, ${show(ratios(onTimes, name, base, 'whole'))}`,
  )
}
console.log(`\ntracing on, told: ≤ ${TOLD_RATIO} × the SDK alone`)

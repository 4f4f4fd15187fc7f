import { readFileSync, writeFileSync } from 'node:fs'
import { summarise } from '../harness/statistics.mjs'
import { CONTESTANTS, FLOOR, OURS } from './contestants.mjs'
import { FAULTS } from './parts/faults.mjs'
import { refusals } from './parts/ours.mjs'
import { packedBytes } from './parts/process.mjs'

const README = new URL('../README.md', import.meta.url)
const BEGIN = '<!-- browser figures -->'
const END = '<!-- /browser figures -->'

const line = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')

function digits(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(1)
}
const kilobytes = (bytes) => (bytes / 1_000).toFixed(1)
const median = (values) => summarise(values).median
const spread = (values) => {
  const { median: middle, low, high } = summarise(values)
  return `${digits(middle)} (${digits(low)}–${digits(high)})`
}
const column = (results, field) => results.map((result) => result[field])

function faultCell(seen) {
  if (seen === undefined) return '–'
  if (seen.failed) return 'failed'
  const repeats = seen.repeats > 0 ? ` +${seen.repeats}` : ''
  const early = seen.early > 0 ? ` (${seen.early} too early)` : ''
  const doubled = seen.doubled === undefined ? '' : `, +${seen.doubled} by id`
  return `${seen.events}${repeats}${seen.repeats > 0 ? doubled : ''}${early}${seen.isBroken ? ' (throws)' : ''}`
}

/** The rows of the faults, with the three kills in one. */
function faultRows(faults, names) {
  const row = (title, cell) => [title, ...names.map(cell)]
  const cellOf = (fault) => (name) => faultCell(faults[fault]?.[name])
  const kills = ['kill-50', 'kill-1000', 'kill-6000']
  const joined = (keys) => (name) => keys.map((key) => cellOf(key)(name)).join(' / ')
  return [
    row(FAULTS.reload.title, cellOf('reload')),
    row('server down, browser killed after 50 ms / 1 s / 6 s, reopened', joined(kills)),
    row(FAULTS.close.title, cellOf('close')),
    row(FAULTS[503].title, cellOf('503')),
    row(FAULTS[429].title, cellOf('429')),
    row(FAULTS.hang.title, cellOf('hang')),
    row(FAULTS.tabs.title, cellOf('tabs')),
    row('storage throws / quota full', joined(['throws', 'quota'])),
  ]
}

function figureRows({ size, calls, process }, names) {
  const row = (title, of, source) => (source === undefined ? [] : [[title, ...names.map((name) => of(source[name]))]])
  const floor = (of) => ` (floor ${digits(of)})`
  return [
    ...row('min+gzip kB', kilobytes, size),
    ...row(`call, µs${calls ? floor(median(calls[FLOOR].call)) : ''}`, ({ call }) => spread(call), calls),
    ...row(
      `… with its microtasks${calls ? floor(median(calls[FLOOR].whole)) : ''}`,
      ({ whole }) => spread(whole),
      calls,
    ),
    ...row(
      `CPU ms per 1,000 events${process ? floor(median(column(process[FLOOR], 'cpuMs'))) : ''}`,
      (results) => spread(column(results, 'cpuMs')),
      process,
    ),
    ...row('… of its main thread', (results) => spread(column(results, 'taskMs')), process),
    ...row('requests per 1,000 events', (results) => digits(median(column(results, 'requests'))), process),
    ...row('… preflights besides', (results) => digits(median(column(results, 'preflights'))), process),
    ...row('… delivered', (results) => digits(median(column(results, 'delivered'))), process),
    ...row(
      `bytes on the wire per 1 kB event${process ? floor(packedBytes()) : ''}`,
      (results) => digits(median(column(results, 'bytesPerEvent'))),
      process,
    ),
  ]
}

function judged(title, value, { most, least, unit = '' }, shown = digits(value)) {
  const target = most === undefined ? least : most
  const isMet = most === undefined ? value >= least : value <= most
  const share = target > 0 ? ` (${Math.round((Math.abs(value - target) / target) * 100)} %)` : ''
  const verdict = isMet ? 'met' : `missed by ${digits(Math.abs(value - target))}${share}`
  return [title, `${shown} ${unit}`.trim(), `${most === undefined ? '≥' : '≤'} ${target} ${unit}`.trim(), verdict]
}

/** Ours against what was promised. */
function targetRows({ faults, size, calls, process, ours }) {
  const rows = []
  const arrived = (fault, least) => {
    const seen = faults[fault]?.[OURS]
    if (!seen) return
    const shown = faultCell(seen)
    rows.push(judged(`${FAULTS[fault].title}: delivered`, seen.events ?? 0, { least }, shown))
    if (fault === 'tabs') rows.push(judged('… repeats by id', seen.doubled ?? 0, { most: 0 }))
    if (fault === '429') rows.push(judged('… too early', seen.early, { most: 0 }))
  }
  if (faults) {
    for (const [fault, { expected = 100 }] of Object.entries(FAULTS)) arrived(fault, expected)
    const outage = faults['503']?.[OURS]
    if (outage?.refusedAt) {
      const { beforeBackingOff, inOutage } = refusals(outage)
      rows.push(judged('requests refused before backing off', beforeBackingOff, { most: 3 }))
      rows.push(judged('requests in an outage of 8 s', inOutage, { most: 6 }))
    }
  }
  if (size) rows.push(judged('min+gzip', size[OURS] / 1_000, { most: 10, unit: 'kB' }))
  if (calls) rows.push(judged('call', median(calls[OURS].call), { most: 30, unit: 'µs' }, spread(calls[OURS].call)))
  if (process) {
    const of = (field) => column(process[OURS], field)
    const inAll = (name, field, target) => rows.push(judged(name, median(of(field)), target, spread(of(field))))
    inAll('CPU per 1,000 events', 'cpuMs', { most: 250, unit: 'ms' })
    inAll('requests per 1,000 events', 'requests', { most: 30 })
    inAll('on the wire per 1 kB event', 'bytesPerEvent', { most: 400, unit: 'B' })
  }
  if (ours) {
    const { longTasks, floorTasks, backlog } = ours
    const one = (title, results, field, target) =>
      rows.push(judged(title, median(column(results, field)), target, spread(column(results, field))))
    one('longest task while 5,000 are tracked and delivered, CPU', longTasks, 'longestCpuMs', { most: 50, unit: 'ms' })
    one('… by the clock', longTasks, 'longestMs', { most: 50, unit: 'ms' })
    one('… tasks over 50 ms, by the clock', longTasks, 'byClock', { most: 0 })
    rows.push([
      '… of the floor, longest by the clock',
      `${spread(column(floorTasks, 'longestMs'))} ms`,
      'what the machine does',
      '',
    ])
    one('backlog of 5,000 × 1 kB', backlog, 'seconds', { most: 10, unit: 's' })
    one('… requests', backlog, 'requests', { most: 60 })
    one('… delivered', backlog, 'events', { least: 5_000 })
    one('… longest task, CPU', backlog, 'longestCpuMs', { most: 50, unit: 'ms' })
  }
  return rows
}

/** `results` has what was measured: `faults`, `size`, `calls`, `process`, `ours`. */
export function renderReport(results, names = CONTESTANTS) {
  const rows = [...(results.faults ? faultRows(results.faults, names) : []), ...figureRows(results, names)]
  const beside = table(['delivered of 100 (+ repeats)', ...names], rows)
  const targets = names.includes(OURS) ? table(['ours', 'figure', 'target', 'met'], targetRows(results)) : ''
  return `${beside}\n\n${targets}`
}

/** Puts the report between its markers in bench/README.md. */
export function writeReadme(report) {
  const text = readFileSync(README, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest.split(END)[1]
  writeFileSync(README, `${before}${BEGIN}\n\n${report}\n\n${END}${after}`)
}

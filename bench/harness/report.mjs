import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'

const README = new URL('../README.md', import.meta.url)
const BEGIN = '<!-- figures -->'
const END = '<!-- /figures -->'

function digits(value) {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

const withSpread = ({ median, low, high }, unit) =>
  `${digits(median)} ${unit} (${digits(low)}–${digits(high)})`.replace('  ', ' ')

function target({ most, least, unit }) {
  if (most !== undefined) return `≤ ${most} ${unit}`.trim()
  return least === undefined ? '' : `≥ ${least} ${unit}`.trim()
}

function verdict({ most, least, value: { median, low, high } }) {
  if (most === undefined && least === undefined) return ''
  const reached = (value) => (most === undefined ? value >= least : value <= most)
  if (reached(median)) return 'yes'
  return reached(low) || reached(high) ? 'no, within its spread' : 'no'
}

export function figureRow(figure) {
  const again = figure.control ? withSpread(figure.control, '×') : ''
  return [figure.name, withSpread(figure.value, figure.unit), target(figure), verdict(figure), again]
}

const line = (cells) => `| ${cells.join(' | ')} |`
const HEAD = ['figure', 'median (quartiles)', 'target', 'met', 'again over first']

export function figureTable(figures) {
  return [line(HEAD), line(HEAD.map(() => '---')), ...figures.map((figure) => line(figureRow(figure)))].join('\n')
}

export function standingsTable({ title, heads, rows }) {
  const row = ({ contestant, cells }) => line([contestant, ...cells.map(({ value, unit }) => withSpread(value, unit))])
  return [`**${title}**`, '', line(['', ...heads]), line(['---', ...heads.map(() => '---')]), ...rows.map(row)].join(
    '\n',
  )
}

/** Figures mean nothing without it. */
export function machine() {
  const [{ model }] = cpus()
  const gib = Math.round(totalmem() / 1024 ** 3)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, Node ${process.version}, ${platform()} ${arch()}, ${cpus().length} × ${model.trim()}, ${gib} GiB`
}

/** Puts the report between the markers of bench/README.md. */
export function writeReadme(report) {
  const text = readFileSync(README, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest.split(END)[1]
  writeFileSync(README, `${before}${BEGIN}\n\n${report}\n\n${END}${after}`)
}

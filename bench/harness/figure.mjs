import { ratios, summarise } from './statistics.mjs'

/** The same thing measured twice in each round: what is smaller than its spread is no difference. */
export const CONTROL = 'raindrop-js, again'
export const OURS = 'raindrop-js'

const column = (results, field) => results.map((result) => result[field])
const control = (results, field) => summarise(ratios(column(results[CONTROL], field), column(results[OURS], field)))

/** One field of our results. `most` is the target. */
export function absolute(results, field, { name, unit, most }) {
  return { name, unit, most, value: summarise(column(results[OURS], field)), control: control(results, field) }
}

/** One field of our results over the same of another contestant in the same round. */
export function relative(results, field, { name, to, most, least }) {
  const ours = column(results[OURS], field)
  const others = column(results[to], field)
  const value = summarise(least === undefined ? ratios(ours, others) : ratios(others, ours))
  return { name, unit: '×', most, least, value, control: control(results, field) }
}

/** Our result over that of the cheapest of the peers. */
export function relativeToBest(results, field, peers, { name, most }) {
  const cost = (peer) => summarise(column(results[peer], field)).median
  const best = peers.reduce((cheapest, peer) => (cost(peer) < cost(cheapest) ? peer : cheapest))
  return relative(results, field, { name: `${name} (${best})`, to: best, most })
}

/** Every contestant's own numbers, for the second table. `columns` are fields with their titles and units. */
export function standings(results, title, columns) {
  const of = (contestant) => ({
    contestant,
    cells: columns.map(({ field, unit }) => ({ unit, value: summarise(column(results[contestant], field)) })),
  })
  const contestants = Object.keys(results).filter((contestant) => contestant !== CONTROL)
  return { title, heads: columns.map(({ name }) => name), rows: contestants.map(of) }
}

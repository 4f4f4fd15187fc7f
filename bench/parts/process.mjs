import { absolute, CONTROL, OURS, relative, relativeToBest, standings } from '../harness/figure.mjs'
import { runChild } from '../harness/run-child.mjs'
import { summarise } from '../harness/statistics.mjs'
import { PEERS } from '../peers.mjs'

const COUNT = 10_000
const WARM_UP = 5_000
const FLOOR = 'bare loop'

const COLUMNS = [
  { field: 'per10k', name: 'CPU of the process for 10,000 events', unit: 's' },
  { field: 'perRequest', name: 'events per request', unit: '' },
]

/** Our batches as they really were: the loop gets the same. */
function batchSizeOf(results) {
  return Math.round(summarise(results[OURS].map(({ perRequest }) => perRequest)).median)
}

function measurement(sink, rhythm) {
  return (contestant, batchSize) => async (results) => {
    const size = typeof batchSize === 'function' ? batchSize(results) : batchSize
    const load = { count: COUNT, warmUp: WARM_UP, rhythm, batchSize: size }
    const result = await runChild('process.mjs', { address: sink.newAddress(), contestant, ...load }, ['--expose-gc'])
    return { ...result, per10k: (result.perEvent * 10_000) / 1_000_000 }
  }
}

/** At defaults: 10 events at a time, as many requests as that makes. */
export function defaultsPart(sink) {
  const of = measurement(sink, { portion: 10, everyMs: 2 })
  return {
    measurements: {
      [OURS]: of('raindrop-js'),
      [CONTROL]: of('raindrop-js'),
      [FLOOR]: of('bare', batchSizeOf),
    },
    figures: (results) => [
      absolute(results, 'per10k', { name: '10,000 events at defaults, CPU of the process', unit: 's', most: 0.45 }),
      relative(results, 'perEvent', { name: '… over the bare loop at equal batches', to: FLOOR, most: 1.8 }),
      relative(results, 'perEvent', {
        name: '… events per CPU second, of those of the bare loop',
        to: FLOOR,
        least: 0.6,
      }),
    ],
    standings: (results) => standings(results, 'At defaults, 10 events at a time', COLUMNS),
  }
}

/** In batches of 100, which every peer can be asked for. */
export function batchesPart(sink) {
  const of = measurement(sink, { portion: 100, everyMs: 10 })
  const peers = Object.keys(PEERS)
  return {
    measurements: {
      [OURS]: of('raindrop-js', 100),
      [CONTROL]: of('raindrop-js', 100),
      [FLOOR]: of('bare', batchSizeOf),
      ...Object.fromEntries(peers.map((peer) => [peer, of(peer, 100)])),
    },
    figures: (results) => [
      absolute(results, 'per10k', {
        name: '10,000 events, `uploadSize` 100, CPU of the process',
        unit: 's',
        most: 0.45,
      }),
      relative(results, 'perEvent', { name: '… over the bare loop at equal batches', to: FLOOR, most: 1.8 }),
      relative(results, 'perEvent', {
        name: '… events per CPU second, of those of the bare loop',
        to: FLOOR,
        least: 0.6,
      }),
      relativeToBest(results, 'perEvent', peers, { name: '… over the best peer' }),
    ],
    standings: (results) => standings(results, 'In batches of 100', COLUMNS),
  }
}

import { absolute, CONTROL, OURS, relative, standings } from '../harness/figure.mjs'
import { runChild } from '../harness/run-child.mjs'
import { summarise } from '../harness/statistics.mjs'

const FLAGS = ['--expose-gc']
const PACED = { count: 10_000, rhythm: { portion: 10, everyMs: 2 } }
const BURST = { count: 20_000, maxQueueSize: 20_000, batchSize: 100 }
const COLUMNS = [
  { field: 'rss', name: 'RSS over idle, peak', unit: 'MiB' },
  { field: 'heap', name: 'heap over idle, after gc', unit: 'MiB' },
]
const OUTAGE = { steps: 5, step: 20_000, rhythm: { portion: 200, everyMs: 4 } }

function measurement(sink, load) {
  return (contestant, batchSize) => (results) =>
    runChild('memory.mjs', { address: sink.newAddress(), contestant, ...load, ...batchSize?.(results) }, FLAGS)
}

function batchSizeOf(results) {
  return { batchSize: Math.round(summarise(results[OURS].map(({ perRequest }) => perRequest)).median) }
}

/** up to 5,000 events a second, each let go after the call. */
export function pacedMemoryPart(sink) {
  const of = measurement(sink, PACED)
  return {
    measurements: { [OURS]: of('raindrop-js'), [CONTROL]: of('raindrop-js'), 'bare loop': of('bare', batchSizeOf) },
    figures: (results) => [
      relative(results, 'rss', {
        name: 'RSS over idle at up to 5,000 events a second, over the bare loop',
        to: 'bare loop',
        most: 1.2,
      }),
      absolute(results, 'heap', { name: '… heap over idle after gc', unit: 'MiB', most: 10 }),
    ],
    standings: (results) => standings(results, 'up to 5,000 events a second', COLUMNS),
  }
}

/** 20,000 calls in one turn, then a flush. */
export function burstMemoryPart(sink) {
  const of = measurement(sink, BURST)
  const floor = 'loop that stringifies in the call'
  return {
    measurements: { [OURS]: of('raindrop-js'), [CONTROL]: of('raindrop-js'), [floor]: of('stringify-in-call') },
    figures: (results) => [
      relative(results, 'rss', {
        name: 'RSS over idle in a burst of 20,000, over stringifying in the call',
        to: floor,
        most: 1.2,
      }),
      absolute(results, 'heap', { name: '… heap over idle after gc', unit: 'MiB', most: 10 }),
      { ...absolute(results, 'dropped', { name: '… events dropped', unit: '', most: 0 }), control: undefined },
    ],
    standings: (results) => standings(results, 'A burst of 20,000', COLUMNS),
  }
}

/** 100,000 calls while nobody answers: the first fifth fills the queue, the others must add nothing. */
export function outagePart() {
  const ours = async () => {
    const { heaps, rss } = await runChild('outage.mjs', { contestant: 'raindrop-js', ...OUTAGE }, FLAGS)
    return { heapGrowth: heaps.at(-1) / heaps[0], heap: heaps.at(-1), rssGrowth: rss.at(-1) / rss[1] }
  }
  return {
    measurements: { [OURS]: ours, [CONTROL]: ours },
    figures: (results) => [
      absolute(results, 'heapGrowth', {
        name: 'Server down: heap at 100,000 events over that at 20,000',
        unit: '×',
        most: 1.05,
      }),
      absolute(results, 'rssGrowth', { name: '… RSS at 100,000 over that at 40,000', unit: '×', most: 1.1 }),
    ],
    standings: (results) =>
      standings(results, '100,000 events while the server is down', [{ field: 'heap', name: 'heap', unit: 'MiB' }]),
  }
}

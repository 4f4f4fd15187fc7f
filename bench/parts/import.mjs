import { absolute, CONTROL, OURS, standings } from '../harness/figure.mjs'
import { runChild } from '../harness/run-child.mjs'
import { summarise } from '../harness/statistics.mjs'
import { PEERS } from '../peers.mjs'

const EMPTY = 'empty module'

/** What an empty module costs in the same way is not ours. */
function overEmpty(results) {
  const empty = (field) => summarise(results[EMPTY].map((result) => result[field])).median
  const base = { cpuMs: empty('cpuMs'), rss: empty('rss') }
  const over = ({ cpuMs, rss }) => ({ cpuMs: cpuMs - base.cpuMs, rss: rss - base.rss })
  return Object.fromEntries(Object.entries(results).map(([name, rows]) => [name, rows.map(over)]))
}

function importPart(script, title) {
  const of =
    (module, isPeer = false) =>
    () =>
      runChild(script, { module, isPeer })
  const empty = `./empty.${script.split('.')[1]}`
  return {
    minimumRounds: 20,
    measurements: {
      [OURS]: of('raindrop-js'),
      [CONTROL]: of('raindrop-js'),
      [EMPTY]: of(empty),
      ...Object.fromEntries(Object.entries(PEERS).map(([peer, { name }]) => [peer, of(name, true)])),
    },
    figures: (results) => [
      absolute(overEmpty(results), 'cpuMs', { name: `${title}, CPU over an empty module`, unit: 'ms', most: 8 }),
      absolute(overEmpty(results), 'rss', { name: '… RSS over an empty module', unit: 'MiB', most: 3 }),
    ],
    standings: (results) =>
      standings(overEmpty(results), title, [
        { field: 'cpuMs', name: 'CPU', unit: 'ms' },
        { field: 'rss', name: 'RSS', unit: 'MiB' },
      ]),
  }
}

export const esmPart = () => importPart('import.mjs', '`import`')
export const cjsPart = () => importPart('import.cjs', '`require`')
